// The purchase plan. A row says either how long the heifers are pregnant or when they calve.
const CELLS = [
  ["date_in", "date"],
  ["count", "number"],
  ["days_pregnant", "number"],
  ["expected_calving_date", "date"],
];

export default {
  render({ model, el }) {
    el.classList.add("herd-plan");
    const tell = (rows) => model.send({ type: "rows", rows });
    const rowsNow = () => [...el.querySelectorAll(".herd-plan-row")].map((row) => {
      const given = {};
      for (const input of row.querySelectorAll("input")) {
        given[input.name] = input.value === "" ? null : input.type === "number" ? Number(input.value) : input.value;
      }
      return given;
    });
    const cell = (name, type, value, i) => {
      const input = Object.assign(document.createElement("input"), { name, type, value: value ?? "", className: "herd-input" });
      input.setAttribute("aria-label", `${model.get("texts")[name]}, ${i + 1}`);
      input.addEventListener("change", () => tell(rowsNow()));
      const label = Object.assign(document.createElement("label"), { textContent: model.get("texts")[name] });
      label.append(input);
      return label;
    };
    const draw = () => {
      const [texts, rows, problems] = ["texts", "rows", "problems"].map((name) => model.get(name));
      const shown = rowsNow();
      const isTyping = el.contains(document.activeElement) && shown.length === rows.length;  // an answer may be old
      if (!el.firstChild || (!isTyping && JSON.stringify(shown) !== JSON.stringify(rows))) build(texts, rows);
      rows.forEach((_, i) => {
        const wrong = Object.entries(problems).filter(([path]) => path.startsWith(`purchases.${i}.`) || path === `purchases.${i}`);
        const place = el.querySelector(`[data-problem="${i}"]`);
        if (place) place.textContent = wrong.map(([, text]) => text).join(" ");
        for (const input of el.querySelectorAll(`[data-row="${i}"] input`)) {
          input.setAttribute("aria-invalid", String(wrong.some(([path]) => path.endsWith(input.name))));
        }
      });
      const whole = el.querySelector(".herd-plan-problem");
      whole.textContent = problems.purchases ?? "";
    };
    const build = (texts, rows) => {
      el.innerHTML = '<h3></h3><p class="herd-help"></p><div class="herd-plan-rows"></div><p class="herd-problem herd-plan-problem" role="alert"></p><button type="button" class="herd-button"></button>';
      el.querySelector("h3").textContent = texts.title;
      el.querySelector(".herd-help").textContent = texts.help;
      const add = el.querySelector("button");
      add.textContent = texts.add;
      add.addEventListener("click", () => {
        const last = rowsNow().at(-1) ?? { date_in: model.get("texts").first_date || null, count: 10, days_pregnant: 150, expected_calving_date: null };
        tell([...rowsNow(), last]);
      });
      rows.forEach((given, i) => {
        const row = Object.assign(document.createElement("div"), { className: "herd-plan-row" });
        row.dataset.row = i;
        for (const [name, type] of CELLS) row.append(cell(name, type, given[name], i));
        const remove = Object.assign(document.createElement("button"), { type: "button", className: "herd-link", textContent: "×" });
        remove.setAttribute("aria-label", `${texts.remove}, ${i + 1}`);
        remove.addEventListener("click", () => tell(rowsNow().filter((_, j) => j !== i)));
        const wrong = Object.assign(document.createElement("p"), { className: "herd-problem" });
        wrong.dataset.problem = i;
        wrong.setAttribute("role", "alert");
        row.append(remove, wrong);
        el.querySelector(".herd-plan-rows").append(row);
      });
    };
    model.on("change", draw);
    draw();
    return () => model.off("change", draw);
  },
};
