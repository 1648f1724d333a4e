// The frame of a page. The theme is the browser's own business: colours are CSS variables.
const PING_SECONDS = 10;
const OF_ONE_PAGE = { run: "", runs: "", base: "", dataset: "", plan: "", alert: "", message: "" };  // what an address says that no other page needs
const ADDRESS_MS = 400;  // browsers refuse to change an address more often than some three times a second
const OLD_DAYS = 35;  // of a herd file

function element(name, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const made = Object.assign(document.createElement(name), rest);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

function select(label, options, value, onChange) {
  const box = element("select", { onchange: () => onChange(box.value) });
  box.setAttribute("aria-label", label);
  for (const [key, text] of options) box.append(element("option", { value: key, textContent: text }));
  box.value = value;
  return box;
}

function icon(markup) {
  const span = element("span", { className: "herd-icon" });
  span.innerHTML = markup;
  return span;
}

function addressOf(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) value ? query.set(name, value) : query.delete(name);
  return `?${query}`;
}

function setTheme(theme) {
  if (theme) { document.documentElement.dataset.theme = theme; localStorage.setItem("herd-theme", theme); }
  else { delete document.documentElement.dataset.theme; localStorage.removeItem("herd-theme"); }
  dispatchEvent(new Event("herd-theme"));
}

// The bell and the dot of the service: each is a way to its page, and says in words what it shows.
function sign(className, app, label, ...children) {
  const way = element("a", { className, href: appAddress(app), title: label }, ...children);
  way.setAttribute("aria-label", label);
  return way;
}

function signs(model) {
  const [bell, service] = [model.get("bell"), model.get("service")];
  const count = bell.count ? [element("span", { className: "herd-bell-count", textContent: bell.count })] : [];
  return [
    ...(bell.label ? [sign("herd-bell", "alerts", bell.label, icon(bell.icon), ...count)] : []),
    ...(service.label ? [sign("herd-service", "system", service.label, element("span", { className: service.state }))] : []),
  ];
}

function header(model) {
  const texts = model.get("texts");
  const bar = element("header", { className: "herd-header" });
  const home = element("a", { className: "herd-product", href: appAddress(".") });
  home.innerHTML = '<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="#1f6f5c"/><path d="M4 9c4 0 5 6 9 6s4-3 7-3" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/></svg>';
  home.append(element("span", { textContent: texts.product }));
  bar.append(home);
  const farms = model.get("farms");
  if (farms.length > 1) {
    bar.append(select(texts.farm, farms.map((farm) => [farm, farm]), model.get("farm"),
      goToFarm));
  } else bar.append(element("span", { className: "herd-farm", textContent: model.get("farm") }));
  const day = model.get("report_date");
  if (day) {
    const age = Math.floor((Date.now() - new Date(`${day}T00:00`)) / 86400000);
    const words = new Intl.RelativeTimeFormat(model.get("language"), { numeric: "auto" }).format(-age, "day");
    const report = element("span", { className: "herd-report", textContent: `${model.get("report_words")} (${words})` });
    if (age > OLD_DAYS) report.append(element("strong", { className: "herd-old", textContent: texts.report_old }));
    bar.append(report);
  }
  bar.append(element("span", { className: "herd-space" }), element("span", { className: "herd-signs" }, ...signs(model)));
  bar.append(select(texts.language, Object.entries(model.get("languages")), model.get("language"),
    (language) => model.send({ type: "language", language })));
  bar.append(select(texts.theme, [["", texts.theme_auto], ["light", texts.theme_light], ["dark", texts.theme_dark]],
    document.documentElement.dataset.theme ?? "", setTheme));
  return bar;
}

function appAddress(name, model) {
  return name + addressOf(OF_ONE_PAGE);
}

function navigation(model) {
  const rail = element("nav", { className: "herd-rail" });
  rail.setAttribute("aria-label", model.get("texts").apps);
  for (const app of model.get("apps")) {
    const link = element("a", { href: appAddress(app.name) }, icon(app.icon), element("span", { textContent: app.label }));
    if (app.name === model.get("app")) link.setAttribute("aria-current", "page");
    rail.append(link);
  }
  return rail;
}

function banner(model) {
  const texts = model.get("texts");
  const again = element("button", { type: "button", className: "herd-button", textContent: texts.reload, onclick: () => location.reload() });
  const box = element("div", { className: "herd-banner", hidden: true }, element("p", { textContent: texts.lost }), again);
  box.setAttribute("role", "alert");
  return box;
}

function tellBrowser(model) {
  const language = model.get("language");
  document.title = model.get("title");
  document.documentElement.lang = language;
  document.cookie = `herd-language=${language}; path=/; max-age=31536000; SameSite=Lax`;
  tellAddress(model);
}

function tellAddress(model) {
  history.replaceState(null, "", addressOf({ ...model.get("query"), lang: model.get("language") }));
}

function goToFarm(farm) {
  location.search = addressOf({ ...OF_ONE_PAGE, farm });
}

// A plan that is not kept is remembered by the browser, until it is kept or given up, and asked about
// when somebody comes back without it.
function memory(model) {
  const name = `herd-unkept-${model.get("farm")}`;
  return {
    ask() {
      const asked = new URLSearchParams(location.search);
      const left = localStorage.getItem(name);
      const isPlain = !["run", "plan", "dataset"].some((one) => asked.has(one));
      if (left && isPlain && model.get("app") === "studio") model.send({ type: "left", query: JSON.parse(left) });
    },
    keep() {
      const plan = model.get("unkept");
      if (plan.plan) localStorage.setItem(name, JSON.stringify(plan));
    },
    forget() { localStorage.removeItem(name); },
  };
}

export default {
  render({ model, el }) {
    el.classList.add("herd-shell");
    let alarm = null;
    let answered = true;
    const draw = () => {
      alarm = banner(model);
      tellBrowser(model);  // the ways to other apps carry the language that the address says
      el.replaceChildren(alarm, header(model), navigation(model));
    };
    const drawSigns = () => el.querySelector(".herd-signs").replaceChildren(...signs(model));
    const left = memory(model);
    let pending = null;
    const moveOn = () => { pending ??= setTimeout(() => { pending = null; tellAddress(model); }, ADDRESS_MS); };
    const onMessage = (message) => {
      if (message.type === "pong") { answered = true; alarm.hidden = true; }
      if (message.type === "forget") left.forget();
      if (message.type === "farm") goToFarm(message.farm);
    };
    const timer = setInterval(() => {
      if (document.hidden) return;
      alarm.hidden = answered;
      answered = false;
      model.send({ type: "ping" });
    }, PING_SECONDS * 1000);
    const onShow = () => { answered = true; };  // a sleeping tab missed answers, not the kernel
    document.addEventListener("visibilitychange", onShow);
    const drawn = ["texts", "apps", "app", "title", "languages", "language", "farms", "farm", "report_date", "report_words"];
    for (const name of drawn) model.on(`change:${name}`, draw);
    model.on("change:bell change:service", drawSigns);
    model.on("change:query", moveOn);
    model.on("change:unkept", left.keep);
    model.on("msg:custom", onMessage);
    left.ask();
    draw();
    model.send({ type: "shown" });
    return () => {
      clearInterval(timer);
      clearTimeout(pending);
      document.removeEventListener("visibilitychange", onShow);
      for (const name of drawn) model.off(`change:${name}`, draw);
      model.off("change:bell change:service", drawSigns);
      model.off("change:query", moveOn);
      model.off("change:unkept", left.keep);
      model.off("msg:custom", onMessage);
    };
  },
};
