// Every field is a native control with a label; its problem and its help are read out with it.
const EVERY_MS = 60;  // while a slider moves
const TRAITS = ["values", "problems", "hidden", "notes"];

function make(name, className, text) {
  const made = Object.assign(document.createElement(name), { className });
  if (text) made.textContent = text;
  return made;
}

function numberOf(text, field) {
  if (text.trim() === "") return null;
  const value = Number(text.replace(",", "."));
  return Number.isNaN(value) ? text : value;
}

function textOf(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "number" && document.documentElement.lang === "ru" ? String(value).replace(".", ",") : String(value);
}

function field(spec, tell, prefix) {
  const id = `${prefix}-${spec.path.replaceAll(".", "-")}`;
  const box = make("div", "herd-field");
  box.dataset.path = spec.path;
  const label = make("label", "herd-label", spec.label);
  label.htmlFor = id;
  const problem = make("p", "herd-problem");
  problem.id = `${id}-problem`;
  problem.setAttribute("role", "alert");
  const help = make("p", "herd-help", spec.help);
  help.id = `${id}-help`;
  const row = make("div", "herd-inputs");
  let input, slider;
  if (spec.kind === "choice") {
    input = make("select", "herd-input");
    for (const [value, text] of spec.choices) input.append(new Option(text, value));
    input.addEventListener("change", () => tell(spec.path, input.value === "" ? null : input.value));
    row.append(input);
  } else if (spec.kind === "switch") {
    input = Object.assign(make("input", "herd-switch"), { type: "checkbox" });
    input.addEventListener("change", () => tell(spec.path, input.checked));
    row.append(input);
  } else if (spec.kind !== "number") {
    input = Object.assign(make("input", "herd-input"), { type: spec.kind, autocomplete: "off" });
    input.addEventListener("input", () => tell(spec.path, input.value));
    row.append(input);
  } else {
    input = make("input", "herd-input");
    Object.assign(input, { type: "text", inputMode: spec.step === 1 ? "numeric" : "decimal", autocomplete: "off" });
    input.addEventListener("input", () => tell(spec.path, numberOf(input.value, spec)));
    input.addEventListener("change", () => tell(spec.path, numberOf(input.value, spec), true));
    if (spec.slider) {
      slider = Object.assign(make("input", "herd-slider"), { type: "range", min: spec.slider[0], max: spec.slider[1], step: spec.slide ?? spec.step });
      slider.setAttribute("aria-label", spec.label);
      let last = 0, timer = null;
      const send = () => { last = Date.now(); timer = null; tell(spec.path, Number(slider.value)); };
      slider.addEventListener("input", () => {
        input.value = textOf(Number(slider.value));
        timer ??= setTimeout(send, Math.max(0, EVERY_MS - (Date.now() - last)));
      });
      row.append(slider);
    }
    const unit = make("span", "herd-unit", spec.unit);
    const frame = make("span", "herd-number");
    frame.append(input, unit);
    row.append(frame);
  }
  input.id = id;
  input.setAttribute("aria-describedby", `${problem.id} ${help.id}`);
  box.append(label, row, problem, help);
  const note = make("p", "herd-bounded");
  note.setAttribute("role", "status");
  box.append(note);
  const quick = (spec.quick ?? []).map(([value, text]) => {
    const one = Object.assign(make("button", "herd-quick", text), { type: "button" });
    one.addEventListener("click", () => tell(spec.path, value));
    return [value, one];
  });
  if (quick.length) {
    const choices = make("div", "herd-quick-row");
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-label", spec.label);
    choices.append(...quick.map(([, one]) => one));
    row.after(choices);
  }
  if (spec.source) box.append(make("p", "herd-source", spec.source));
  const set = (value, wrong, hidden, bounded) => {
    if (spec.kind === "switch") input.checked = Boolean(value);
    const text = textOf(value);
    const own = document.activeElement === input && spec.kind !== "choice" && !bounded;
    if (spec.kind !== "switch" && !own && input.value !== text) input.value = text;
    if (slider && document.activeElement !== slider) slider.value = value;
    input.setAttribute("aria-invalid", wrong ? "true" : "false");
    if (problem.textContent !== (wrong ?? "")) problem.textContent = wrong ?? "";
    if (note.textContent !== (bounded ?? "")) note.textContent = bounded ?? "";
    for (const [one, button] of quick) button.setAttribute("aria-pressed", String(one === value));
    box.classList.toggle("wrong", Boolean(wrong));
    box.hidden = hidden;
  };
  return { box, set };
}

export default {
  render({ model, el }) {
    el.classList.add("herd-form");
    let made = new Map();
    const prefix = `form-${Math.random().toString(36).slice(2, 8)}`;
    const tell = (path, value, isDone = false) => model.send({ type: isDone ? "settle" : "change", path, value });
    const show = () => {
      const [values, problems, hidden, notes] = TRAITS.map((name) => model.get(name));
      for (const [path, { set }] of made) set(values[path], problems[path], hidden.includes(path), notes[path]);
    };
    const build = () => {
      const groups = new Map();
      made = new Map();
      el.replaceChildren();
      for (const spec of model.get("fields")) {
        const one = field(spec, tell, prefix);
        made.set(spec.path, one);
        if (!groups.has(spec.group)) {
          const place = make(spec.group ? "details" : "div", "herd-group");
          if (spec.group) place.append(make("summary", "", spec.group));
          groups.set(spec.group, place);
          el.append(place);
        }
        groups.get(spec.group).append(one.box);
      }
      show();
    };
    model.on("change:fields", build);
    for (const name of TRAITS) model.on(`change:${name}`, show);
    build();
    return () => {
      model.off("change:fields", build);
      for (const name of TRAITS) model.off(`change:${name}`, show);
    };
  },
};
