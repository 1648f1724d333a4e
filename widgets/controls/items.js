// Questions stand below the item that they are about; the keyboard goes there and comes back.
const PAUSE_MS = 250;  // of typing, before it is searched for

function make(name, properties = {}, ...children) {
  const { dataset, ...rest } = properties;
  const made = Object.assign(document.createElement(name), rest);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

function button(text, onclick, className = "herd-button") {
  return make("button", { type: "button", className, textContent: text, onclick });
}

function question(action, texts, answer, close) {
  const cancel = button(texts.no, close);
  if (action.reason) return [make("p", { textContent: action.reason }), button(texts.close, close)];
  if (action.confirm) return [make("p", { textContent: action.confirm }), button(texts.yes, () => answer("")), cancel];
  const input = make("input", { className: "herd-input", value: action.asks, placeholder: action.hint ?? "", maxLength: 200 });
  input.setAttribute("aria-label", action.label);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") answer(input.value);
    if (event.key === "Escape") close();
  });
  return [input, button(texts.save, () => answer(input.value)), cancel];
}

export default {
  render({ model, el }) {
    el.classList.add("herd-items");
    const group = `items-${Math.random().toString(36).slice(2, 8)}`;
    const list = make("ul");
    const empty = make("p", { className: "herd-note" });
    const search = make("input", { type: "search", className: "herd-input" });
    let asked = null;  // item and action of the open question
    let timer = null;

    const open = (id, name, place, opener) => {
      const item = model.get("items").find((one) => one.id === id);
      const action = item?.actions.find((one) => one.name === name);
      if (!action) { asked = null; return; }
      asked = { id, name };
      const close = () => { asked = null; place.replaceChildren(); place.hidden = true; opener?.focus(); };
      const answer = (value) => { close(); model.send({ type: "act", name, id, value }); };
      place.replaceChildren(...question(action, model.get("texts"), answer, close));
      place.hidden = false;
      place.querySelector("input, button").focus();
    };

    const row = (item) => {
      const place = make("div", { className: "herd-item-question", hidden: true });
      place.setAttribute("role", "group");
      const words = make("span", { className: "herd-item-words" },
        make("span", { className: "herd-item-title", textContent: item.title }),
        ...(item.badge ? [make("span", { className: "herd-badge", textContent: item.badge })] : []),
        make("span", { className: "herd-item-note", textContent: item.note }));
      let head = words;
      if (model.get("pick")) {
        const box = make("input", { type: model.get("pick") === "one" ? "radio" : "checkbox", name: group, checked: item.picked });
        box.addEventListener("change", () => model.send({ type: "pick", id: item.id, picked: box.checked }));
        head = make("label", {}, box, words);
      }
      const actions = make("span", { className: "herd-item-actions" }, ...item.actions.map((action) => {
        const opens = action.reason || action.confirm || action.asks !== undefined;
        const one = button(action.label, () => {
          if (opens) open(item.id, action.name, place, one);
          else model.send({ type: "act", name: action.name, id: item.id, value: "" });
        }, "herd-link");
        one.setAttribute("aria-label", `${action.label}: ${item.title}`);
        one.dataset.action = action.name;
        return one;
      }));
      const line = make("li", { className: item.picked ? "picked" : "", dataset: { id: item.id } }, head, actions, place);
      return line;
    };

    const draw = () => {
      const items = model.get("items");
      const focused = document.activeElement;
      const was = el.contains(focused) ? { id: focused.closest("li")?.dataset.id, action: focused.dataset.action } : {};
      list.setAttribute("aria-label", model.get("label"));
      search.hidden = !model.get("texts").search;
      search.placeholder = model.get("texts").search;
      search.setAttribute("aria-label", model.get("texts").search);
      empty.textContent = items.length ? "" : model.get("empty");
      const typed = list.querySelector(".herd-item-question input")?.value;
      list.replaceChildren(...items.map(row));
      if (was.id) list.querySelector(`[data-id="${was.id}"] ${was.action ? `[data-action="${was.action}"]` : "input"}`)?.focus();
      if (asked) {
        const place = list.querySelector(`[data-id="${asked.id}"] .herd-item-question`);
        const opener = list.querySelector(`[data-id="${asked.id}"] [data-action="${asked.name}"]`);
        if (place) open(asked.id, asked.name, place, opener); else asked = null;
        const input = list.querySelector(".herd-item-question input");
        if (input && typed !== undefined) input.value = typed;
      }
    };

    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => model.send({ type: "search", text: search.value }), PAUSE_MS);
    });
    el.replaceChildren(search, list, empty);
    model.on("change", draw);
    draw();
    return () => { clearTimeout(timer); model.off("change", draw); };
  },
};
