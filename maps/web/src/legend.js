// The legend that the page brings, and the line of sources: both are filled from the summary.
import { element } from "./dom.js";
import { count, ellipsise, escapeHtml } from "./values.js";
import { toLatLngs } from "./view.js";

const WIDE = window.matchMedia("(min-width: 721px)");
const MOST_SOURCES = 6;
const MOST_VALUES = 30;
const SIGHT_WAIT_MS = 250;
const COUNTS = "[data-count], [data-count-class], [data-count-alert], [data-count-measure]";

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
    const sight = source.config.inSight ? new InSight(source, legend) : null;
    source.on("summary", () => (sight ? sight.renew() : fillCounts(source, legend)));
    if (source.summary) fillCounts(source, legend);
  }
}

/** Counts what is in sight, after each move and while the legend is open; the server does. */
class InSight {
  constructor(source, legend) {
    this.source = source;
    this.legend = legend;
    this.note = element("p", { class: "legend-sight", hidden: true }, source.words.inSight);
    legend.querySelector(".legend-body")?.prepend(this.note);
    source.map.on("moveend", () => this.#later());
    legend.addEventListener("toggle", () => this.#later());
  }

  /** There are other figures of all, by which the old ones of what is in sight mean nothing. */
  renew() {
    this.#tell(null);
    this.#later();
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#count(), SIGHT_WAIT_MS);
  }

  async #count() {
    const { source, legend } = this;
    const { map, summary, config, items } = source;
    if (!summary || !legend.open) return;
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    const seen = map.getBounds();
    const counted = source.layers.filter(({ name, role }) => role !== "basemap" && summary[name]?.bounds);
    if (counted.every(({ name }) => seen.contains(toLatLngs(summary[name].bounds)))) return this.#tell(null);
    try {
      const sign = config.inSight.includes("?") ? "&" : "?";
      const { layers } = await items.json(source.dated(`${config.inSight}${sign}bbox=${seen.toBBoxString()}`), signal);
      if (!signal.aborted) this.#tell(layers);
    } catch {
      if (!signal.aborted) this.#tell(null); // what there is in all is known
    }
  }

  #tell(layers) {
    this.note.hidden = !layers;
    this.source.sight = layers;
    if (this.source.summary) fillCounts(this.source, this.legend);
  }
}

function fillCounts(source, legend) {
  for (const section of legend.querySelectorAll("[data-layer]")) {
    const { layer: name } = section.dataset;
    // Another source of the same map may tell of it.
    if (source.summary[name]) fillSection(section, source, source.layer(name), source.summary[name]);
  }
}

function fillSection(section, source, layer, figures) {
  const { config } = source;
  for (const place of section.querySelectorAll(COUNTS)) {
    place.textContent = layer?.style.tally && "countAlert" in place.dataset
      ? amountOf(layer, figures.tallies.find(({ value }) => value === null)?.amount ?? 0, config.lang)
      : told(place, figures, source.sight?.[layer?.name], config.lang);
  }
  for (const line of section.querySelectorAll("[data-tally]")) fillValues(source, layer, figures, line);
}

/** In sight / in all; one number where nothing is out of sight, or only that of all is known. */
function told(place, figures, sight, lang) {
  const all = figureFor(place, figures);
  if (!sight || "countMeasure" in place.dataset || figureFor(place, sight) === all) return count(all, lang);
  return `${count(figureFor(place, sight), lang)} / ${count(all, lang)}`;
}

const amountOf = ({ style }, amount, lang) => `${count(Math.round(amount), lang)} ${style.tally}`;

/** After a hidden line one for each value of its layer, in the value's colour, with what it adds up to. */
function fillValues({ config, words }, layer, figures, line) {
  const tallies = (figures.tallies ?? []).filter(({ value }) => value !== null);
  for (const old of line.parentElement.querySelectorAll("[data-tally-value]")) old.remove();
  const made = tallies.slice(0, MOST_VALUES).map(({ value, tint, amount }) => lineOf(line, value, amountOf(layer, amount, config.lang), layer.paintFor(value, tint).colour));
  const rest = tallies.slice(MOST_VALUES);
  const left = rest.reduce((sum, { amount }) => sum + amount, 0);
  if (rest.length) made.push(lineOf(line, words.more(rest.length), amountOf(layer, left, config.lang), null));
  line.after(...made);
}

function lineOf(line, label, amount, colour) {
  const sign = line.querySelector("svg").cloneNode(true);
  if (colour) sign.lastElementChild.setAttribute(sign.lastElementChild.getAttribute("fill") === "none" ? "stroke" : "fill", colour);
  else sign.replaceChildren();
  return element("li", { "data-tally-value": true }, sign, element("bdi", {}, label), element("span", { class: "legend-count" }, amount));
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
