"use strict";
// Runs before anything is drawn: colours and language of the page, and a frame until the page is there.
const address = new URLSearchParams(location.search);
document.documentElement.lang = address.get("lang") ?? "en";
const chosenTheme = localStorage.getItem("herd-theme");
if (chosenTheme) document.documentElement.dataset.theme = chosenTheme;

window.herdArrive = (place, texts) => {
  place.textContent = texts[document.documentElement.lang] ?? texts.en;
  const watch = new MutationObserver(() => {
    if (!document.querySelector(".herd-page h1, .jp-OutputArea-output[data-mime-type*=error]")) return;
    document.getElementById("loading").remove();
    watch.disconnect();
  });
  watch.observe(document.body, { childList: true, subtree: true });
};
