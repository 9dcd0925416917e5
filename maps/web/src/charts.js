// Draws the figures of a page as charts: what a chart shows stands in the table within its <figure>, and nowhere else.
//
// <figure class="chart" data-chart="bar|line" [data-stacked] [data-across]><figcaption>…</figcaption>
//   <table><thead><tr><th>…</th><th data-series>受理</th>…</tr></thead><tbody><tr><th>蓝天社区</th><td data-value="12">12</td>…
// Columns without `data-series` stay in the table alone. A row with `data-unplotted` (a total) is not drawn.
import { BarController, BarElement, CategoryScale, Chart, Legend, LineController, LineElement, LinearScale, PointElement, Tooltip } from "chart.js";
import { plotted } from "./plotted.js";

Chart.register(BarController, BarElement, CategoryScale, Legend, LineController, LineElement, LinearScale, PointElement, Tooltip);

// Tol's muted scheme, as the maps use it; dashes and point shapes tell lines apart without colour.
const COLOURS = ["#3B6FB6", "#F4A736", "#44AA99", "#AA4499", "#8A8F98", "#B2182B", "#88CCEE", "#999933"];
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4]];
const POINTS = ["circle", "rect", "triangle", "rectRot"];
const ROW_PX = 34;
const charts = [];

for (const figure of document.querySelectorAll("figure[data-chart]")) draw(figure);
// The colours are those of the page, which change with the reader's mode and on paper.
for (const query of ["(prefers-color-scheme: dark)", "print"]) {
  const media = window.matchMedia(query);
  if (media.addEventListener) media.addEventListener("change", recolour);
}
window.addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize()));

function draw(figure) {
  const table = figure.querySelector("table");
  const data = plotted(table);
  if (!data.labels.length || !data.series.length) return;
  const frame = document.createElement("div");
  frame.className = "chart-frame";
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", figure.querySelector("figcaption") ? figure.querySelector("figcaption").textContent : "");
  frame.append(canvas);
  figure.insertBefore(frame, table.closest(".scroll") || table);
  const across = "across" in figure.dataset;
  if (across) frame.style.height = `${Math.max(160, data.labels.length * ROW_PX + 70)}px`;
  charts.push(new Chart(canvas, config(figure, data, across)));
}

function config(figure, data, across) {
  const isLine = figure.dataset.chart === "line";
  const stacked = "stacked" in figure.dataset;
  const datasets = data.series.map(({ label, values }, n) => ({
    label,
    data: values,
    backgroundColor: COLOURS[n % COLOURS.length],
    borderColor: COLOURS[n % COLOURS.length],
    ...(isLine ? { borderDash: DASHES[n % DASHES.length], pointStyle: POINTS[n % POINTS.length], pointRadius: 4, borderWidth: 2, tension: 0 } : { maxBarThickness: 42 }),
  }));
  const { ink, line } = colours();
  const numbers = { beginAtZero: true, stacked, ticks: { color: ink, precision: 0 }, grid: { color: line } };
  const names = { stacked, ticks: { color: ink, autoSkip: !across }, grid: { display: false } };
  return {
    type: isLine ? "line" : "bar",
    data: { labels: data.labels, datasets },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: across ? "y" : "x",
      locale: document.documentElement.lang || undefined,
      interaction: { mode: "index", axis: across ? "y" : "x", intersect: false },
      font: { family: getComputedStyle(document.body).fontFamily },
      plugins: { legend: { display: datasets.length > 1, labels: { color: ink, usePointStyle: isLine } } },
      scales: across ? { x: numbers, y: names } : { x: names, y: numbers },
    },
  };
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return { ink: named("--ink", "#1c2733"), line: named("--line", "#dcd8cc") };
}

function recolour() {
  const { ink, line } = colours();
  for (const chart of charts) {
    chart.options.plugins.legend.labels.color = ink;
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = ink;
      if (scale.grid.display !== false) scale.grid.color = line;
    }
    chart.update("none");
  }
}
