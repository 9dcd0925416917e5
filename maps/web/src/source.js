// One map's source: what is declared, what is shown, the decoded tiles, and everything that draws from them.
import { Highlight } from "./highlight.js";
import { Items } from "./items.js";
import { LabelEngine } from "./labels.js";
import { Loader } from "./loader.js";
import { readPalette } from "./palette.js";
import { FrameQueue } from "./queue.js";
import { ScreenCanvas } from "./screen.js";
import { Store } from "./store.js";
import { DrawnLayer } from "./styles.js";
import { GroundSurface, PointSurface } from "./surface.js";
import { toLatLngs } from "./view.js";
import { wordsFor } from "./words.js";

const PANES = { "gf-highlight": 410, "gf-points": 420, "gf-labels": 440 };
const LABELS_WAIT_MS = 60;

/** Fires `status` (loading or failed tiles), `shown` (layers switched) and `summary` (counts have come). */
export const Source = L.Evented.extend({
  initialize(map, config) {
    this.map = map;
    this.config = config;
    this.words = wordsFor(config.lang);
    this.layers = config.layers.map((declared) => new DrawnLayer(declared));
    this.shown = new Set();
    this.queue = new FrameQueue();
    this.items = new Items(config.items, config.asked, config.filters);
    this.at = config.at ?? null;
    this.items.day = this.at;
    this.store = new Store(this.dated(config.tiles), config.loader ?? new Loader(config.worker), () => this.fire("status"));
    this.summary = null;
    this.sight = null; // the figures of what is in sight, where that is not all
    const { empty, emptyHint, emptyThen, emptyThenHint } = this.words;
    this.emptyWords = config.filters ? { strong: this.words.emptyFiltered, hint: this.words.emptyFilteredHint } : config.asked?.on ? { strong: emptyThen, hint: emptyThenHint } : { strong: empty, hint: emptyHint };
    this._dark = window.matchMedia("(prefers-color-scheme: dark)");
    this.palette = readPalette(map.getContainer(), this._dark.matches);
    this._build();
  },

  /** Shows the first tiles; called once the page has set its first view and layers. */
  start() {
    for (const part of [this.ground, this.points, this.labels, this.highlight.screen]) if (part) this.map.addLayer(part);
    this._dark.addEventListener("change", () => this.turn(this._dark.matches));
    window.addEventListener("beforeprint", () => this._print());
    window.addEventListener("afterprint", () => this.turn(this._dark.matches));
    this.loadSummary();
    this.told().catch(() => {}); // whoever needs it asks again, and says so when it fails
  },

  /** Settled once the layers know what their fields are called. */
  told() {
    this._told ??= this._tell().catch((error) => {
      this._told = null;
      throw error;
    });
    return this._told;
  },

  async _tell() {
    if (!this.config.fields) return;
    const { layers } = await this.items.json(this.config.fields);
    for (const layer of this.layers) layer.tell(layers[layer.name] ?? []);
  },

  layer(name) {
    return this.layers.find((layer) => layer.name === name);
  },

  /** The layers switched on, from the bottom up. */
  drawn() {
    return this.layers.filter((layer) => this.shown.has(layer.name));
  },

  /** What states.js tells the reader. */
  condition() {
    const { loading, failed, shut } = this.store.status;
    const subjects = this.layers.filter((layer) => layer.role === "subject");
    const wanted = subjects.filter((layer) => this.shown.has(layer.name));
    return {
      remote: true,
      loading: loading > 0,
      failed: failed > 0 || Boolean(this.summaryFailed),
      shut: shut ?? this.items.shut,
      empty: this.summary && subjects.length ? !subjects.some((layer) => this.summary[layer.name]?.count > 0) : null,
      far: wanted.length > 0 && !wanted.some((layer) => layer.visibleAt(this.map.getZoom())),
    };
  },

  isShown(layer) {
    return this.shown.has(layer.name) && layer.visibleAt(this.map.getZoom());
  },

  show(names, on) {
    for (const name of names) on ? this.shown.add(name) : this.shown.delete(name);
    this._repaint();
    this.fire("shown");
  },

  /** The tiles in sight in px from `corner`, a point of the world at the map's zoom. */
  frames(corner = L.point(0, 0)) {
    return this.ground._map ? this.ground.frames(this.map.getZoom(), corner) : [];
  },

  /** What the tiles in sight know of a feature: its paint and whether it alerts; null when none holds it. */
  find(layer, id) {
    for (const { tile } of this.frames()) {
      const flat = tile[layer.name];
      const i = flat ? flat.ids.indexOf(id) : -1;
      if (i >= 0) return { paint: layer.paintOf(flat, i), alert: layer.alerts(flat, i) };
    }
    return null;
  },

  retry() {
    this.store.retry();
    if (!this.summary) this.loadSummary();
  },

  async loadSummary() {
    try {
      const { layers } = await this.items.json(this.dated(this.config.summary));
      this.summary = layers;
    } catch {
      this.summaryFailed = true;
      this.fire("status");
      return;
    }
    this.summaryFailed = false;
    for (const layer of this.layers) layer.largestSize = this.summary[layer.name]?.size_max ?? null;
    if (this.layers.some((layer) => layer.largestSize)) this._repaint();
    this.fire("summary").fire("status");
    const extents = this.layers.filter(({ role }) => role !== "basemap").map(({ name }) => this.summary[name]?.bounds).filter(Boolean);
    this.map.fire("gf-extent", { bounds: L.latLngBounds(extents.flatMap(toLatLngs)) });
  },

  /** Shows the cases that waited on a day (ISO), or with null all there are. */
  goTo(day) {
    if (day === this.at) return;
    this.at = this.items.day = day;
    this.store.turn(this.dated(this.config.tiles));
    this.loadSummary();
  },

  /** The address of the cases that waited on the day of the map. */
  dated(address) {
    return this.at ? `${address}${address.includes("?") ? "&" : "?"}waiting=${this.at}` : address;
  },

  /** Takes on light or dark colours. */
  turn(dark) {
    this.palette = readPalette(this.map.getContainer(), dark);
    this._repaint();
    this.highlight.screen.redraw();
  },

  _build() {
    for (const [name, order] of Object.entries(PANES)) {
      const pane = this.map.createPane(name);
      pane.style.zIndex = order;
      pane.style.pointerEvents = "none";
    }
    this.ground = new GroundSurface(this, { pane: "tilePane" });
    this.points = this.layers.some(({ kind }) => kind === "point" || kind === "heat") ? new PointSurface(this, { pane: "gf-points" }) : null;
    this.highlight = new Highlight(this);
    const engine = new LabelEngine(this);
    this.labels = new ScreenCanvas((...sheet) => engine.draw(...sheet), { pane: "gf-labels" });
    this.ground.on("tileload load", () => this._relabel());
    this.map.on("movestart", () => (this._moving = true));
    this.map.on("moveend", () => (this._moving = false));
  },

  _repaint() {
    if (!this.ground._map) return;
    this.ground.repaint();
    this.points?.repaint();
    this._relabel();
  },

  /** Names and outlines follow new tiles, but not each one singly, and not while the map moves. */
  _relabel() {
    clearTimeout(this._relabelling);
    this._relabelling = setTimeout(() => {
      if (this._moving) return this._relabel();
      this.labels.redraw();
      this.highlight.screen.redraw();
    }, LABELS_WAIT_MS);
  },

  /** Paper is light: what is dark on the screen is painted light, at once. */
  _print() {
    this.turn(false);
    this.queue.flush();
    this.labels.redraw();
  },
});

/** Switches the drawing of some layers of a source; any Leaflet layer control can hold it. */
export const LayerSwitch = L.Layer.extend({
  initialize(source, names) {
    this.source = source;
    this.names = names;
  },
  onAdd() {
    this.source.show(this.names, true);
  },
  onRemove() {
    this.source.show(this.names, false);
  },
});
