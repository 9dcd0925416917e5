// One set of GeoJSON features as a Leaflet layer that any layer control can hold.
import { Mark, Ring } from "./pen.js";
import { DrawnLayer } from "./styles.js";

const FILLED = new Set(["fill", "hatch", "counterhatch", "cross"]);
// Leaflet pads what it redraws, and what a pointer meets, by half of this; the broadest halo needs it.
const REACH = 10;

export const DrawnSet = L.FeatureGroup.extend({
  initialize(board, config) {
    L.FeatureGroup.prototype.initialize.call(this, []);
    this.board = board;
    this.config = config;
    this.declared = new DrawnLayer(config);
    this.features = [];
    this.state = "loading";
  },

  onAdd(map) {
    L.FeatureGroup.prototype.onAdd.call(this, map);
    this.board.shown.add(this.declared.name);
    this.board.fire("shown");
  },

  onRemove(map) {
    L.FeatureGroup.prototype.onRemove.call(this, map);
    this.board.shown.delete(this.declared.name);
    this.board.fire("shown");
  },

  /** Takes the data of the page, or fetches them; resolves when either has come or failed. */
  async load() {
    this.state = "loading";
    try {
      this._take(this.config.data ?? (await this.board.items.json(this.config.url)));
      this.state = "ready";
    } catch {
      this.state = "failed";
    }
  },

  /** The figures for the legend. */
  figures() {
    const classes = {};
    for (const { properties } of this.features) classes[properties.class] = (classes[properties.class] ?? 0) + 1;
    return { count: this.features.length, classes };
  },

  /** The feature whose property or id has that text; undefined when there is none. */
  find(key, text) {
    return this.features.find(({ id, properties }) => String(key === "id" ? id : (properties[key] ?? "")) === text);
  },

  paintOf({ properties, geometry }) {
    const kind = kindOf(geometry.type);
    return { ...this.declared.paintFor(properties.class), geometry: kind, closed: kind === "polygon" };
  },

  _take({ features }) {
    this.clearLayers();
    this.features = features
      .filter(({ geometry }) => geometry && (geometry.coordinates ?? geometry.geometries)?.length)
      .map((given, place) => ({ ...given, properties: given.properties ?? {}, id: given.id ?? `${this.declared.name}-${place + 1}` }));
    // The largest first: what lies within another must stay within reach of a pointer.
    for (const feature of this.features) this._prepare(feature);
    for (const feature of [...this.features].sort((a, b) => extent(b) - extent(a))) for (const path of feature.paths) this.addLayer(path);
  },

  /** Gives a feature its paths and bounds. */
  _prepare(feature) {
    const paint = this.paintOf(feature);
    const options = {
      paint, renderer: this.board.pen, weight: REACH, fill: paint.closed && FILLED.has(paint.pattern), bubblingMouseEvents: false,
      pointToLayer: (_, place) => new Mark(place, { paint, renderer: this.board.pen, weight: REACH, bubblingMouseEvents: false }),
    };
    const made = L.GeoJSON.geometryToLayer({ type: "Feature", geometry: feature.geometry }, options);
    feature.paths = [...leaves(made)];
    feature.bounds = L.featureGroup([made]).getBounds();
    if (this.config.ringed && paint.geometry !== "point") feature.paths.push(this._ring(feature, paint, options.renderer));
    for (const path of feature.paths) path.feature = feature;
  },

  _ring({ bounds }, paint, renderer) {
    return new Ring(bounds.getCenter(), { paint, around: bounds, renderer, weight: REACH, bubblingMouseEvents: false });
  },
});

function extent({ bounds }) {
  return (bounds.getEast() - bounds.getWest()) * (bounds.getNorth() - bounds.getSouth());
}

function* leaves(layer) {
  if (!layer.getLayers) yield layer;
  else for (const part of layer.getLayers()) yield* leaves(part);
}

const kindOf = (type) => (type.endsWith("Point") ? "point" : type.endsWith("LineString") ? "line" : "polygon");
