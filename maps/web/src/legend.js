// The legend that the page brings, and the line of sources: both are filled from the summary.
import { count, ellipsise, escapeHtml } from "./values.js";

const WIDE = window.matchMedia("(min-width: 721px)");
const MOST_SOURCES = 6;

/** Takes the `<details class="legend">` into the map and keeps the room it takes, and the counts of `sources`. */
export function bindLegend(map, sources, legend) {
  const container = map.getContainer();
  container.append(legend);
  L.DomEvent.disableClickPropagation(legend);
  L.DomEvent.disableScrollPropagation(legend);
  legend.open = WIDE.matches;
  WIDE.addEventListener("change", () => (legend.open = WIDE.matches));
  const bar = legend.querySelector("summary");
  new ResizeObserver(() => {
    container.style.setProperty("--gf-legend-bar", `${bar.offsetHeight}px`);
    container.style.setProperty("--gf-legend-height", `${legend.offsetHeight}px`);
  }).observe(legend);
  for (const source of sources) {
    source.on("summary", () => fillCounts(source, legend));
    if (source.summary) fillCounts(source, legend);
  }
}

function fillCounts({ summary, config }, legend) {
  for (const place of legend.querySelectorAll("[data-count-layer]")) {
    const figures = summary[place.dataset.countLayer];
    if (figures) place.textContent = count(figureFor(place, figures), config.lang);
  }
}

function figureFor({ dataset }, figures) {
  if ("countClass" in dataset) return figures.classes?.[dataset.countClass] ?? 0;
  if ("countAlert" in dataset) return figures.alerts ?? 0;
  if ("countMeasure" in dataset) return figures.measures?.[dataset.countMeasure] ?? 0;
  return figures.count;
}

/** Names the sources of the data in Leaflet's attribution, which is HTML. */
export function attributeSources(source) {
  source.on("summary", () => {
    const named = new Set(source.layers.flatMap(({ name }) => source.summary[name]?.sources ?? []));
    const listed = [...named].slice(0, MOST_SOURCES).map((text) => ellipsise(text, 30)).join(" · ");
    if (listed) source.map.attributionControl?.addAttribution(escapeHtml(source.words.sources + listed));
  });
}
