"use strict";
// The colours of a page without a kernel are chosen and remembered as on all others; so is its language.
const theme = document.getElementById("theme");
theme.value = document.documentElement.dataset.theme ?? "";
theme.addEventListener("change", () => {
  if (theme.value) {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem("herd-theme", theme.value);
  } else {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("herd-theme");
  }
});
document.cookie = `herd-language=${document.documentElement.lang}; path=/; max-age=31536000; SameSite=Lax`;
