"use strict";
// Figures come in light colours; `palette` names the dark colour for each of them.
const palette = Object.entries(JSON.parse(document.getElementById("palette").textContent));
const dark = matchMedia("(prefers-color-scheme: dark)");
const PAPER_WIDTH = 672;  // A4 less its margins, CSS pixels
const PAPER_COLUMN = 328;
const PAPER_HEIGHT = 0.55;  // of the height on the screen: three figures a page, none that ends half-way
const NARROW = 480;
const ROOM_ABOVE = 32;

function figureOf(chart, isDark) {
  let text = document.getElementById(chart.id + "-figure").textContent;
  if (isDark) for (const [light, twin] of palette) text = text.replaceAll(light, twin);
  return JSON.parse(text);
}

function shadePast(layout) {
  const { past, first, second, last } = layout.meta ?? {};
  const today = new Date().toISOString().slice(0, 10);
  if (!past || today < second) return;
  const place = { xref: "x", yref: "paper", x0: first, x1: today < last ? today : last, y0: 0, y1: 1 };
  const look = { type: "rect", layer: "below", line: { width: 0 }, fillcolor: "rgba(128, 128, 128, 0.16)" };
  layout.shapes = [...(layout.shapes ?? []), { ...place, ...look }];
  const label = { text: past, x: first, y: 0, xref: "x", yref: "paper", xanchor: "left", yanchor: "bottom" };
  layout.annotations = [...(layout.annotations ?? []), { ...label, showarrow: false, font: { size: 12 } }];
}

function draw({ isDark, onPaper }) {
  for (const chart of document.querySelectorAll(".chart")) {
    const { data, layout } = figureOf(chart, isDark);
    layout.height -= layout.margin.t - ROOM_ABOVE;
    layout.margin.t = ROOM_ABOVE;
    delete layout.title;  // the page shows it as text
    shadePast(layout);
    if (onPaper) {
      layout.width = chart.closest(".columns") ? PAPER_COLUMN : PAPER_WIDTH;
      layout.height *= PAPER_HEIGHT;
      for (const label of layout.annotations ?? []) {
        label.text = label.text.replaceAll("<br>", " ");  // lower figures have no room for two lines
        label.font = { ...label.font, size: 9 };
      }
    }
    if (onPaper || chart.clientWidth < NARROW) {
      layout.margin.l = 40;
      layout.margin.r = Math.min(layout.margin.r, 108);
      layout.font.size = 11;
    }
    Plotly.newPlot(chart, data, layout, { responsive: true, displayModeBar: false });
  }
}

function save(button) {
  const { data, layout } = figureOf(document.getElementById(button.dataset.chart), dark.matches);
  const size = { width: 1100, height: layout.height, scale: 2 };
  Plotly.downloadImage({ data, layout }, { format: "png", filename: button.dataset.chart, ...size });
}

for (const button of document.querySelectorAll("button[data-chart]")) {
  button.addEventListener("click", () => save(button));
}
for (const age of document.querySelectorAll("[data-age]")) {
  const days = Math.floor((Date.now() - new Date(age.dataset.age + "T00:00")) / 86400000);
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  age.textContent = "(" + words.format(-days, "day") + ")";
}
dark.addEventListener("change", () => draw({ isDark: dark.matches }));
addEventListener("beforeprint", () => {
  document.getElementById("provenance").open = true;
  draw({ isDark: false, onPaper: true });
});
addEventListener("afterprint", () => draw({ isDark: dark.matches }));
draw({ isDark: dark.matches });
