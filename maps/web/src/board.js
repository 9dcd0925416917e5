// All drawn sets of one map: their canvas, their answers, their list, and the feature that the address names.
import { nameControls } from "./controls.js";
import { DrawnSet } from "./drawn-set.js";
import { element } from "./dom.js";
import { Items } from "./items.js";
import { onceLaidOut } from "./laid-out.js";
import { followLinks, parseLink } from "./links.js";
import { ListControl } from "./list.js";
import { readPalette } from "./palette.js";
import { Pen } from "./pen.js";
import { FeaturePopup } from "./popup.js";
import { classLabel, ellipsise, titleOf } from "./values.js";
import { flyTo, parseHash, showAll, toLatLngs } from "./view.js";
import { wordsFor } from "./words.js";

const PANE = { name: "gf-drawn", order: 430 }; // above the points of tiles
const SHOWN_TEXT = 60; // Chinese characters of a tooltip's line

/** Fires `status` (loading, failed), `shown` (sets switched) and `summary` (data have come). */
export const Board = L.Evented.extend({
  initialize(map, { lang, map: label, bounds }) {
    Object.assign(this, { map, bounds, config: { lang, label }, words: wordsFor(lang) });
    Object.assign(this, { sets: [], layers: [], shown: new Set(), summary: null, marked: { hover: null, open: null } });
    this.emptyWords = { strong: this.words.unmarked, hint: null };
    this.items = new DrawnItems(this);
    this.highlight = { set: (role, hit) => this._mark(role, hit) };
    this._dark = window.matchMedia("(prefers-color-scheme: dark)");
    this.palette = readPalette(map.getContainer(), this._dark.matches);
    map.createPane(PANE.name).style.zIndex = PANE.order;
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    this.pen = new Pen(() => this.palette, { pane: PANE.name, padding: 0.3, tolerance: coarse ? 10 : 0 });
    this.tooltip = coarse ? null : L.tooltip({ className: "gf-tooltip", opacity: 1 });
    this.popup = new FeaturePopup(this);
    this.on("shown", () => this._afterSwitch());
    onceLaidOut(() => this._start());
  },

  add(config) {
    const set = new DrawnSet(this, config);
    this.sets.push(set);
    this.layers.push(set.declared);
    set.on("click", ({ layer, latlng }) => this._open(set, layer.feature, latlng));
    set.on("mouseover mousemove", ({ layer, latlng }) => this._point(set, layer.feature, latlng));
    set.on("mouseout", () => this._leave());
    return set;
  },

  layer(name) {
    return this._set(name).declared;
  },

  /** What states.js tells the reader. */
  condition() {
    const states = this.sets.map((set) => set.state);
    const all = states.every((state) => state === "ready");
    return {
      remote: this.sets.some((set) => set.config.url),
      loading: states.includes("loading"),
      failed: states.includes("failed"),
      shut: this.items.shut,
      empty: all ? this.sets.every((set) => !set.features.length) : null,
      far: false,
    };
  },

  /** Fetches what has not come yet. */
  async load() {
    const wanted = this.sets.filter((set) => set.state !== "ready");
    const loaded = wanted.map((set) => set.load());
    this.fire("status");
    await Promise.all(loaded);
    const ready = this.sets.filter((set) => set.state === "ready");
    this.summary = Object.fromEntries(ready.map((set) => [set.declared.name, set.figures()]));
    this.fire("summary").fire("status");
  },

  /** As of a source: a set brings what its list and cards say. */
  async told() {},

  retry() {
    if (this.condition().failed) this.load().then(() => this._firstView());
  },

  /** Opens the card of a record of the list. */
  openRecord(layer, { id }, latlng, returnTo) {
    const set = this._set(layer.name);
    this._open(set, set.find("id", String(id)), latlng, returnTo);
  },

  async _start() {
    nameControls(this);
    this.map.invalidateSize({ animate: false });
    if (!fillsThePage()) zoomByWheelOnlyInFocus(this.map);
    const bar = new ListControl(this, this).addTo(this.map).getContainer();
    bar.parentElement.prepend(bar); // the list stands above the layers, as on every map
    this._dark.addEventListener("change", () => this._turn(this._dark.matches));
    window.addEventListener("beforeprint", () => this._turn(false));
    window.addEventListener("afterprint", () => this._turn(this._dark.matches));
    const asked = parseLink(window.location.hash); // the first view will take its place
    followLinks((link) => this._follow(link));
    this.map.on("gf-extent", ({ bounds }) => {
      this.extent = bounds;
      this._firstView();
    });
    const loaded = this.load(); // what the page itself brought is there at once
    this._firstView();
    await loaded;
    this._firstView();
    if (asked) this._follow(asked);
  },

  /** Shows all of what is drawn, or of what lies under it when that is nothing; once, unless the address asks otherwise. */
  _firstView() {
    if (this.viewed || parseHash(window.location.hash)) return;
    const drawn = L.latLngBounds(this.sets.filter((set) => this.map.hasLayer(set)).flatMap((set) => set.features.map(({ bounds }) => bounds)));
    const told = this.bounds ? L.latLngBounds(toLatLngs(this.bounds)) : drawn;
    const bounds = told.isValid() || this.condition().loading ? told : this.extent;
    if (!bounds?.isValid()) return;
    this.viewed = true;
    showAll(this.map, bounds);
  },

  _follow({ key, text }) {
    const ordered = [...this.sets].sort((a, b) => Number(this.map.hasLayer(b)) - Number(this.map.hasLayer(a)));
    for (const set of ordered) {
      const feature = set.find(key, text);
      if (!feature) continue;
      this.map.addLayer(set);
      this.map.getContainer().scrollIntoView({ block: "nearest" });
      flyTo(this.map, feature.geometry, (at) => this._open(set, feature, at));
      return;
    }
  },

  _open(set, feature, latlng, returnTo = null) {
    this._leave();
    this.popup.open(this._hit(set, feature), latlng, { record: feature, returnTo });
  },

  _point(set, feature, latlng) {
    this.map.fire("gf-over"); // nothing below answers
    const hit = this._hit(set, feature);
    this.highlight.set("hover", hit);
    if (!this.tooltip) return;
    if (this.named !== feature) this.tooltip.setContent(this._caption(hit));
    this.named = feature;
    this.tooltip.setLatLng(latlng);
    if (!this.tooltip.isOpen()) this.tooltip.addTo(this.map);
  },

  _leave() {
    this.named = null;
    this.tooltip?.remove();
    this.highlight.set("hover", null);
  },

  _afterSwitch() {
    const open = this.popup.popup && this.popup.hit;
    if (open && !this.shown.has(open.layer.name)) this.popup.close();
    this._leave();
  },

  _caption({ layer, id, properties }) {
    const lines = [classLabel(layer, properties, false), properties.text].filter(Boolean);
    const parts = lines.map((line) => element("div", { dir: "auto" }, ellipsise(line, SHOWN_TEXT)));
    return element("div", {}, element("strong", { dir: "auto" }, ellipsise(titleOf(layer, properties, id, this.words), SHOWN_TEXT)), ...parts);
  },

  _hit(set, feature) {
    const { id, properties } = feature;
    return { layer: set.declared, id, properties, paint: set.paintOf(feature), alert: false };
  },

  _mark(role, hit) {
    const before = this.marked[role];
    const now = hit ? this._set(hit.layer.name).find("id", String(hit.id)) : null;
    if (before === now) return;
    this.marked[role] = now;
    for (const feature of [before, now].filter(Boolean)) {
      const aspect = Object.keys(this.marked).find((key) => this.marked[key] === feature);
      for (const path of feature.paths) path.setStyle({ aspect: aspect ?? null });
    }
  },

  /** Takes on light or dark colours. */
  _turn(dark) {
    this.palette = readPalette(this.map.getContainer(), dark);
    this.pen.redraw();
  },

  _set(name) {
    return this.sets.find((set) => set.declared.name === name);
  },
});

/** The features of the sets in the form in which the list asks for records. */
class DrawnItems extends Items {
  constructor(board) {
    super("");
    this.board = board;
  }

  async within({ name }, bounds, limit) {
    const seen = this.board._set(name).features.filter((feature) => bounds.intersects(feature.bounds));
    return { features: seen.slice(0, limit), numberMatched: seen.length };
  }
}

const fillsThePage = () => window.parent === window && document.body.classList.contains("gf-page");

/** Within a longer page the wheel scrolls the page, until the map has been clicked. */
function zoomByWheelOnlyInFocus(map) {
  map.scrollWheelZoom.disable();
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
}
