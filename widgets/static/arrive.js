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

// Without a websocket a page waits for ever, and a proxy may keep it from having one: then it says which way.
window.herdReach = (base, otherName, noSocket) => {
  const tell = (texts, facts) => {
    const place = document.getElementById("unreachable");
    const words = texts[document.documentElement.lang] ?? texts.en;
    place.textContent = words.replace(/{(\w+)}/g, (_, name) => facts[name]);
    place.hidden = false;
  };
  const blame = async () => {
    const { host } = await (await fetch(`${base}voila/reach`, { cache: "no-store" })).json();
    tell(host === location.host ? noSocket : otherName, { server: host, browser: location.host });
  };
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}${base}voila/reach`);
  const timer = setTimeout(() => socket.close(), 10000);
  let isOpen = false;
  socket.onopen = () => { isOpen = true; };
  socket.onclose = () => { clearTimeout(timer); if (!isOpen) blame(); };
};
