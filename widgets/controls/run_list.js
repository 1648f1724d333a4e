// A table of runs. A row that stays is changed in place, so that the focus stays where it is.
function make(name, className, ...children) {
  const made = Object.assign(document.createElement(name), { className });
  made.append(...children);
  return made;
}

function checkbox(label, onChange) {
  const box = Object.assign(document.createElement("input"), { type: "checkbox", className: "herd-check" });
  box.setAttribute("aria-label", label);
  box.addEventListener("change", () => onChange(box.checked));
  return box;
}

function reveal(row) {  // on a phone the panel stands above the list
  row.closest(".herd-history")?.querySelector(".herd-side")?.scrollIntoView({ block: "nearest" });
}

function rowOf(model, id) {
  const texts = model.get("texts");
  let wished = null;  // a state on its way says what was chosen before; the click stands until it is answered
  const check = checkbox("", (chosen) => {
    wished = chosen;
    model.send({ type: "choose", ids: [id], chosen });
  });
  const title = Object.assign(make("button", "herd-link"), { type: "button" });
  title.addEventListener("click", () => model.send({ type: "show", id }));
  const [file, settings, owner, moment] = ["file", "settings", "owner", "moment"].map(() => make("span", ""));
  const status = make("span", "");
  const fill = make("span", "");
  const bar = make("div", "herd-bar", fill);
  const pin = Object.assign(make("button", "herd-pin"), { type: "button" });
  pin.innerHTML = '<svg viewBox="0 0 24 24" width="20" height="20" stroke="currentColor" stroke-width="2" stroke-linejoin="round" aria-hidden="true"><path d="M9 3h6l-1 7 4 4H6l4-4zM12 14v7"/></svg>';
  let pinned = false;
  pin.addEventListener("click", () => model.send({ type: "pin", id, pinned: !pinned }));
  const row = make("tr", "",
    make("td", "herd-cell-check", check),
    make("td", "herd-cell-title", make("p", "", title), make("p", "herd-note", file, owner)),
    make("td", "herd-cell-settings", settings),
    make("td", "herd-cell-status", status, bar),
    make("td", "herd-cell-moment", moment),
    make("td", "herd-cell-pin", pin));
  const set = (run) => {
    const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
    put(title, run.title);
    put(file, run.file);
    put(owner, run.owner);
    put(settings, run.settings);
    put(moment, run.moment);
    put(status, run.state);
    status.className = `herd-status ${run.status}`;
    bar.hidden = run.percent === null;
    fill.style.width = `${run.percent ?? 0}%`;
    const name = `${run.title}, ${run.moment}`;
    check.setAttribute("aria-label", `${texts.choose}: ${name}`);
    if (wished === run.chosen) wished = null;
    check.checked = wished ?? run.chosen;
    pinned = run.pinned;
    pin.setAttribute("aria-pressed", String(pinned));
    pin.setAttribute("aria-label", `${texts.pin}: ${name}`);
    pin.dataset.tip = pinned ? texts.unpin : texts.pin;
    if (run.shown && !row.classList.contains("shown")) requestAnimationFrame(() => reveal(row));
    row.classList.toggle("shown", run.shown);
    run.shown ? title.setAttribute("aria-current", "true") : title.removeAttribute("aria-current");
  };
  return { row, set };
}

export default {
  render({ model, el }) {
    el.classList.add("herd-run-list");
    let made = new Map();
    const body = make("tbody", "");
    const all = checkbox("", (chosen) => model.send({ type: "choose", ids: [...made.keys()], chosen }));
    const build = () => {
      const texts = model.get("texts");
      all.setAttribute("aria-label", texts.choose_all);
      const head = make("tr", "");
      for (const [name, content] of [["check", all], ["title", texts.column_title], ["settings", texts.column_settings],
        ["status", texts.column_status], ["moment", texts.column_moment], ["pin", texts.column_pin]]) {
        const cell = make("th", `herd-cell-${name}`, content);
        cell.scope = "col";
        head.append(cell);
      }
      const table = make("table", "", make("thead", "", head), body);
      table.setAttribute("aria-label", texts.title);
      made = new Map();
      el.replaceChildren(table);
      show();
    };
    const show = () => {
      const runs = model.get("rows");
      const ids = runs.map((run) => run.id);
      if (ids.join() !== [...made.keys()].join()) {
        made = new Map(ids.map((id) => [id, made.get(id) ?? rowOf(model, id)]));
        body.replaceChildren(...[...made.values()].map((one) => one.row));
      }
      for (const run of runs) made.get(run.id).set(run);
      all.checked = runs.length > 0 && runs.every((run) => run.chosen);
      all.indeterminate = !all.checked && runs.some((run) => run.chosen);
    };
    model.on("change:rows", show);
    model.on("change:texts", build);
    build();
    return () => { model.off("change:rows", show); model.off("change:texts", build); };
  },
};
