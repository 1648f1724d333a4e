// One chart. plotly.js is on the page already (Voila), or comes from the kernel, once (JupyterLab).
const ROOM_ABOVE = 32;
const NARROW = 480;
const PAPER_WIDTH = 660;  // of A4 within its margins, in CSS pixels
const PAPER_HEIGHT = 0.68;  // of the height on a screen: three charts a sheet
const dark = matchMedia("(prefers-color-scheme: dark)");

function plotly(model) {
  return window.herdPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) { resolve(window.Plotly); return; }
    const script = document.getElementById("plotly");
    if (script) {
      script.addEventListener("load", () => resolve(window.Plotly));
      script.addEventListener("error", reject);
      return;
    }
    const take = (message, buffers) => {
      if (message.type !== "plotly") return;
      model.off("msg:custom", take);
      const own = document.createElement("script");
      own.src = URL.createObjectURL(new Blob(buffers, { type: "text/javascript" }));
      own.onload = () => resolve(window.Plotly);
      own.onerror = reject;
      document.head.append(own);
    };
    model.on("msg:custom", take);
    model.send({ type: "plotly" });
  });
}

function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : dark.matches;
}

function figureOf(model, inDark) {
  const { palette, ...figure } = model.get("figure");
  let text = JSON.stringify(figure);
  if (inDark) for (const [light, twin] of Object.entries(palette)) text = text.replaceAll(light, twin);
  return JSON.parse(text);
}

// On a narrow chart the months of three years and more would touch: its years alone are written.
function thinOut(axis) {
  const shown = axis.ticktext?.filter(Boolean) ?? [];
  if (shown.filter((text) => text.includes("<br>")).length < 3) return;
  const first = shown[1].includes("<br>") ? axis.ticktext.findIndex(Boolean) : -1;
  axis.ticktext = axis.ticktext.map((text, i) => (i !== first && text.includes("<br>") ? text : ""));
}

// Titles are plain text; plotly would take tags in them for its own.
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function drawTable(place, table) {
  const line = (cells, head) => {
    const row = document.createElement("tr");
    cells.forEach((text, i) => {
      const cell = document.createElement(head || i === 0 ? "th" : "td");
      if (head || i === 0) cell.scope = head ? "col" : "row";
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  };
  const grid = document.createElement("table");
  const head = grid.createTHead();
  head.append(line(table.columns, true));
  const body = grid.createTBody();
  body.append(...table.rows.map((cells) => line(cells, false)));
  place.replaceChildren(grid);
}

export default {
  render({ model, el }) {
    const name = model.get("name");
    el.classList.add("herd-plot");
    el.innerHTML = `<figure class="herd-card" aria-labelledby="${name}-title">
      <figcaption><p class="herd-kind"></p><h2 id="${name}-title"></h2><p class="herd-subtitle"></p></figcaption>
      <div class="herd-chart" id="${name}" role="img"></div>
      <div class="herd-actions"><details><summary></summary><div class="herd-scroll" role="region" tabindex="0"></div></details>
      <button type="button" class="herd-link"></button></div></figure>`;
    const [chart, details, button] = ["div.herd-chart", "details", "button"].map((s) => el.querySelector(s));
    let library = null;

    const drawWords = () => {
      const { title = {} } = model.get("figure").layout ?? {};
      el.querySelector(".herd-kind").textContent = model.get("kind");
      el.querySelector("h2").textContent = title.text ?? "";
      el.querySelector(".herd-subtitle").textContent = title.subtitle?.text ?? "";
      chart.setAttribute("aria-label", title.text ?? model.get("kind"));
      el.querySelector("summary").textContent = model.get("texts").table;
      button.textContent = model.get("texts").picture;
      const scroll = el.querySelector(".herd-scroll");
      scroll.setAttribute("aria-label", model.get("kind"));
      if (details.open && model.get("table").columns) drawTable(scroll, model.get("table"));
    };
    const draw = ({ onPaper = false } = {}) => {
      drawWords();
      if (!library || !model.get("figure").data || !chart.isConnected) return;
      const { data, layout } = figureOf(model, isDark() && !onPaper);
      layout.height -= layout.margin.t - ROOM_ABOVE;
      layout.margin.t = ROOM_ABOVE;
      delete layout.title;
      layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0, 0, 0, 0)";
      layout.width = onPaper ? PAPER_WIDTH : chart.clientWidth || undefined;  // hidden ones are drawn anew when seen
      if (onPaper) {
        layout.height *= PAPER_HEIGHT;
        layout.font.size = 11;
      } else if (chart.clientWidth < NARROW) {
        for (const [name, axis] of Object.entries(layout)) if (name.startsWith("xaxis")) thinOut(axis);
        layout.margin.l = 40;
        layout.margin.r = Math.min(layout.margin.r, 108);
        layout.font.size = 11;
      }
      chart.style.minHeight = `${layout.height}px`;
      library.react(chart, data, layout, { displayModeBar: false });
    };
    const save = () => {
      const { data, layout } = figureOf(model, isDark());
      for (const part of [layout.title, layout.title.subtitle]) part.text = escaped(part.text);
      library?.downloadImage({ data, layout }, { format: "png", filename: name, width: 1100, height: layout.height, scale: 2 });
    };

    const choose = (event) => {
      const axis = chart._fullLayout?.yaxis;
      if (!axis || !model.get("asks_level")) return;
      const place = event.clientY - chart.getBoundingClientRect().top - axis._offset;
      if (place >= 0 && place <= axis._length) model.send({ type: "level", level: axis.p2d(place) });
    };

    chart.classList.toggle("asks-level", model.get("asks_level"));
    chart.addEventListener("click", choose);
    details.addEventListener("toggle", drawWords);
    button.addEventListener("click", save);
    let width = 0;
    const watch = new ResizeObserver(() => {
      if (chart.clientWidth === width || matchMedia("print").matches) return;
      width = chart.clientWidth;
      draw();
    });
    watch.observe(chart);
    const redraw = () => draw();
    const print = () => draw({ onPaper: true });
    dark.addEventListener("change", redraw);
    addEventListener("herd-theme", redraw);
    addEventListener("beforeprint", print);
    addEventListener("afterprint", redraw);
    model.on("change", redraw);
    drawWords();
    plotly(model).then((loaded) => { library = loaded; draw(); });
    return () => {
      watch.disconnect();
      dark.removeEventListener("change", redraw);
      removeEventListener("herd-theme", redraw);
      removeEventListener("beforeprint", print);
      removeEventListener("afterprint", redraw);
      model.off("change", redraw);
      library?.purge(chart);
    };
  },
};
