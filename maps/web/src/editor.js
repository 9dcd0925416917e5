// One feature's shape under the hand: Geoman draws and moves, this keeps form, neighbours and steps at it.
import { Neighbours, move, rounded, tidied } from "./borders.js";
import { element } from "./dom.js";

const PANE = { name: "gf-edit", order: 440 }; // above what findings are drawn on
const LOOKS = {
  own: { color: "#17665a", weight: 3, fillOpacity: 0.16 },
  near: { color: "#5f6b77", weight: 1.5, dashArray: "4 4", fillOpacity: 0.02 },
  moved: { color: "#b45f06", weight: 3, dashArray: null, fillOpacity: 0.12 },
  chosen: { color: "#7a3e9d", weight: 3, dashArray: null, fillOpacity: 0.2 },
  cut: { color: "#b2182b", weight: 3, dashArray: "8 5" },
};
const NEAR = 0.6; // how far around the view neighbours are fetched, as a part of it
const MOST_NEAR = 500;
const FEWEST_METRES = 400;
const CLOSEST = 18;

class Editor {
  constructor(map, config) {
    Object.assign(this, { map, config, words: config.words, steps: [], moved: config.moved });
    this.form = document.getElementById("edit");
    this.shape = this.form.elements.geometry;
    this.others = this.form.elements.neighbours;
    this.status = document.querySelector("[data-status]");
    this.coarse = window.matchMedia("(pointer: coarse)").matches;
    this.near = new Neighbours([]);
    this.paths = new Map();
    this.resumed = Boolean(config.moved.length);
  }

  /** Takes the map over; `closely` shows as much of the feature as there is room for. */
  async start(closely) {
    const { map } = this;
    map.createPane(PANE.name).style.zIndex = PANE.order;
    map.pm.setLang(this.config.lang);
    map.pm.setGlobalOptions({ snappable: true, snapDistance: this.coarse ? 26 : 18, allowSelfIntersection: false, continueDrawing: false });
    map.on("pm:create", ({ layer }) => this.drawn(layer));
    map.on("pm:drawstart pm:drawend", () => this.#tellDrawing());
    this.#buildTools();
    this.shape.addEventListener("change", () => this.#typed());
    this.put(this.config.geometry);
    if (closely && this.path?.getBounds) map.fitBounds(this.path.getBounds(), { padding: [32, 32], maxZoom: CLOSEST, animate: false });
    this.#tell();
    await this.#fetchNear();
    map.on("moveend", () => this.#fetchNear());
  }

  // ---- what is drawn ------------------------------------------------------------------------
  /** Shows a geometry to work on; null for none. */
  put(geometry) {
    this.path?.remove();
    this.path = geometry ? this.make(geometry) : null;
    this.current = geometry;
    if (this.path) this.attach(this.path.addTo(this.map));
  }

  /** Remembers where everything was before a step. */
  before() {
    this.steps.push({ geometry: this.current, near: this.near.snapshot() });
  }

  /** After a step: what is on the map goes into the form. */
  after() {
    this.current = this.path ? this.path.toGeoJSON(7).geometry : null;
    this.#write();
  }

  back() {
    const step = this.steps.pop();
    if (!step) return;
    this.near.restore(step.near);
    this.put(step.geometry);
    this.#write();
  }

  #reset() {
    this.steps = [];
    this.near.reset();
    this.put(this.config.stored);
    this.#write();
  }

  drawn(layer) {
    layer.remove();
    this.before();
    this.put(layer.toGeoJSON(7).geometry);
    this.after();
  }

  #typed() {
    try {
      const geometry = JSON.parse(this.shape.value);
      L.GeoJSON.geometryToLayer({ type: "Feature", geometry });
      this.before();
      this.put(geometry);
      this.after();
    } catch {
      this.say(this.words.unreadable);
    }
  }

  #write() {
    const changed = this.near.changed();
    this.shape.value = this.current ? JSON.stringify(this.current) : "";
    this.others.value = changed.length ? JSON.stringify(changed) : "";
    for (const neighbour of this.near.all) this.paths.get(neighbour.id)?.setLatLngs(latLngs(neighbour.geometry)).setStyle(neighbour.isChanged() ? LOOKS.moved : LOOKS.near);
    this.#tell();
  }

  // ---- neighbours ---------------------------------------------------------------------------
  /** Fetches what is around the view, until something has been moved: from then on all must stay. */
  async #fetchNear() {
    if (this.steps.length || (this.near.all.length && this.resumed)) return;
    const { items, id, covers } = this.config;
    const bbox = this.#around().toBBoxString();
    try {
      const response = await fetch(`${items}?bbox=${bbox}&limit=${MOST_NEAR}`, { credentials: "same-origin", headers: { accept: "application/geo+json" } });
      if (!response.ok) throw new Error(`${items} answered ${response.status}`);
      const { features } = await response.json();
      if (this.steps.length) return;
      const others = features.filter((feature) => feature.id !== id);
      this.near = new Neighbours(covers ? others : []);
      this.near.resume(this.moved);
      this.#showNear(others);
      if (this.resumed) this.#write();
    } catch {
      this.say(this.words.failed);
    }
  }

  #around() {
    const view = this.map.getBounds();
    const own = this.path?.getBounds?.();
    const bounds = own?.isValid() ? L.latLngBounds(own.getSouthWest(), own.getNorthEast()).pad(0.2) : view;
    const metres = bounds.getSouthWest().distanceTo(bounds.getNorthEast());
    return metres < FEWEST_METRES ? bounds.getCenter().toBounds(FEWEST_METRES) : bounds.pad(own ? 0 : NEAR);
  }

  #showNear(features) {
    for (const path of this.paths.values()) path.remove();
    this.paths = new Map(features.map((feature) => [feature.id, snapTarget(feature).addTo(this.map)]));
    this.path?.bringToFront?.();
  }

  // ---- tools and words ----------------------------------------------------------------------
  #buildTools() {
    const bar = document.querySelector("[data-tools]");
    const button = (name, act, attributes = {}) =>
      element("button", { type: "button", class: "button button-quiet", "data-tool": name, onclick: act, ...attributes }, this.words[name]);
    this.tools = {
      draw: button("draw", () => this.startDrawing()),
      finish: button("finish", () => this.#drawing()?._finishShape(), { hidden: true }),
      stop: button("stop", () => this.map.pm.disableDraw(), { hidden: true }),
      ...this.modes(button),
      back: button("back", () => this.back(), { disabled: true }),
      reset: button("reset", () => this.#reset(), { disabled: true }),
    };
    bar.append(...Object.values(this.tools));
    bar.hidden = false;
  }

  modes() {
    return {};
  }

  /** Geoman's hand that draws at the moment. */
  #drawing() {
    return this.map.pm.Draw[this.map.pm.Draw.getActiveShape()];
  }

  #tellDrawing() {
    const draws = this.map.pm.globalDrawModeEnabled();
    for (const [name, tool] of Object.entries(this.tools)) tool.hidden = draws !== ["finish", "stop"].includes(name);
    if (draws) this.say(this.words.drawing);
    else this.#tell();
    this.aside(draws);
  }

  /** While something else is drawn, what is there keeps out of the way. */
  aside() {}

  #tell() {
    const { words, steps, tools } = this;
    const count = this.near.changed().length;
    const changed = steps.length > 0 || count > 0 || JSON.stringify(this.current) !== JSON.stringify(this.config.stored);
    tools.back.disabled = !steps.length;
    tools.reset.disabled = !changed;
    tools.draw.textContent = this.path ? words.draw : words.draw_first;
    document.dispatchEvent(new CustomEvent("gf-edited", { detail: { changed } }));
    this.say(count ? words.together.replace("{count}", count) : changed ? words.changed : words.unchanged);
  }

  say(text) {
    this.status.textContent = text;
  }
}

/** Corners of lines and borders. */
class PathEditor extends Editor {
  constructor(map, config) {
    super(map, config);
    this.removing = false;
    this.#bindFurther();
  }

  make(geometry) {
    const path = L.GeoJSON.geometryToLayer({ type: "Feature", geometry });
    path.options.pane = PANE.name;
    // A polygon's own way drops a last corner that is put upon the first, and Geoman's count is wrong from then on.
    path._convertLatLngs = L.Polyline.prototype._convertLatLngs;
    return path.setStyle({ ...LOOKS.own });
  }

  startDrawing() {
    this.map.pm.enableDraw(this.tool, { pathOptions: LOOKS.own, templineStyle: LOOKS.own, hintlineStyle: { ...LOOKS.own, dashArray: "5 5" } });
  }

  modes(button) {
    const toggled = (removing) => () => this.#mode(removing);
    return {
      move: button("move", toggled(false), { "aria-pressed": "true" }),
      remove: button("remove", toggled(true), { "aria-pressed": "false" }),
    };
  }

  #mode(removing) {
    this.removing = removing;
    this.tools.move.setAttribute("aria-pressed", String(!removing));
    this.tools.remove.setAttribute("aria-pressed", String(removing));
    if (this.path) this.#enable();
  }

  aside(draws) {
    if (!this.path) return;
    if (draws) this.path.pm.disable();
    else this.#enable();
  }

  attach(path) {
    this.#enable();
    path.on("pm:vertexadded", (event) => this.#added(event));
    path.on("pm:vertexremoved", (event) => this.#removed(event));
    path.on("pm:markerdragstart", (event) => this.#grabbed(event));
    path.on("pm:markerdrag", ({ indexPath }) => this.#follow(indexPath));
    path.on("pm:markerdragend", (event) => this.#released(event));
  }

  async start(closely) {
    this.map.on("zoomend", () => this.#thin());
    await super.start(closely);
  }

  /** Hides handles for new corners where there is no room, and makes crowded ones small; only Geoman's own parts tell which these are. */
  #thin() {
    const roomy = this.coarse ? { between: 64, beside: 30 } : { between: 36, beside: 18 };
    this.path?.pm._markerGroup?.eachLayer((marker) => {
      const { leftM, rightM, _middleMarkerNext: next } = marker;
      const middle = leftM && rightM && this.#apart(leftM, rightM) < roomy.between;
      const tight = next?.rightM && this.#apart(marker, next.rightM) < roomy.beside;
      marker.getElement()?.classList.toggle("edit-crowded", Boolean(middle));
      marker.getElement()?.classList.toggle("edit-tight", Boolean(tight));
    });
  }

  #apart(one, other) {
    return this.#pixels(one).distanceTo(this.#pixels(other));
  }

  #pixels(marker) {
    return this.map.latLngToLayerPoint(marker.getLatLng());
  }

  #enable() {
    this.path.pm.enable({ snappable: true, snapDistance: this.coarse ? 26 : 18, allowSelfIntersection: false, hideMiddleMarkers: this.removing, removeVertexOn: this.removing ? "click" : "contextmenu" });
    this.#thin();
  }

  #added({ indexPath }) {
    this.before();
    this.adding = true; // the drag that follows at once is the same step
    const { ring, index } = this.#corner(indexPath);
    this.near.insert(beside(ring, index, -1), ring[index], beside(ring, index, 1));
    this.after();
    setTimeout(() => (this.adding = false), 0);
  }

  #removed({ indexPath, marker }) {
    if (!this.map.hasLayer(this.path)) this.path = null;
    const { ring, index } = this.path ? this.#corner(indexPath) : {};
    if (ring && ring.length === corners(this.current, indexPath)) return this.say(this.words.crossing);
    this.before();
    if (ring) this.near.remove(beside(ring, index, -1), position(marker.getLatLng()), ring[index % ring.length]);
    this.after();
  }

  #grabbed({ indexPath }) {
    if (!this.adding) this.before();
    const { ring, index } = this.#corner(indexPath);
    this.grips = this.near.grab(ring[index]);
    // What moves along would hold it where it is.
    this.#snapping(true);
  }

  #follow(indexPath) {
    if (!this.grips?.length) return;
    const { ring, index } = this.#corner(indexPath);
    move(this.grips, ring[index]);
    for (const { neighbour } of this.grips) this.paths.get(neighbour.id)?.setLatLngs(latLngs(neighbour.geometry)).setStyle(LOOKS.moved);
  }

  #released({ indexPath, intersectionReset }) {
    this.#snapping(false);
    if (intersectionReset) {
      this.grips = null;
      setTimeout(() => {
        this.back();
        this.say(this.words.crossing);
      }, 0);
      return;
    }
    this.#follow(indexPath);
    this.grips = null;
    this.#tidy();
    this.after();
    this.#thin();
  }

  /** Two corners in one place are one. */
  #tidy() {
    const drawn = this.path.toGeoJSON(7).geometry;
    const tidy = tidied(drawn);
    if (JSON.stringify(tidy) === JSON.stringify(drawn)) return;
    this.near.tidy();
    setTimeout(() => {
      this.put(tidy);
      this.after();
    }, 0); // Geoman has not done with the handle yet
  }

  #snapping(ignored) {
    for (const { neighbour } of this.grips ?? []) this.paths.get(neighbour.id).options.snapIgnore = ignored;
  }

  /** The ring that a path of Geoman's leads to, as positions, and the place in it. */
  #corner(indexPath) {
    let ring = this.path.getLatLngs();
    for (const place of indexPath.slice(0, -1)) ring = ring[place];
    return { ring: ring.map(position), index: indexPath[indexPath.length - 1] };
  }

  // ---- splitting and merging ----------------------------------------------------------------
  #bindFurther() {
    const split = document.getElementById("split");
    const merge = document.getElementById("merge");
    const forms = [split, merge].filter(Boolean);
    document.addEventListener("gf-edited", ({ detail: { changed } }) => {
      for (const form of forms) for (const button of form.querySelectorAll("button")) Object.assign(button, { disabled: changed, title: changed ? this.words.save_first : "" });
    });
    if (split) this.#bindSplit(split);
    merge?.elements.other.addEventListener("change", ({ target }) => this.#choose(Number(target.value)));
    merge?.elements.other.addEventListener("focus", ({ target }) => this.#choose(Number(target.value)));
  }

  #bindSplit(form) {
    const draw = form.querySelector("[data-draw-line]");
    draw.hidden = false;
    draw.addEventListener("click", () => {
      this.cutting = form;
      this.map.getContainer().scrollIntoView({ block: "center" });
      this.map.pm.enableDraw("Line", { templineStyle: LOOKS.cut, hintlineStyle: LOOKS.cut, pathOptions: LOOKS.cut });
    });
  }

  drawn(layer) {
    if (!this.cutting) return super.drawn(layer);
    this.line?.remove();
    this.line = layer;
    layer.pm.disable();
    this.cutting.elements.line.value = JSON.stringify(layer.toGeoJSON(7).geometry);
    this.cutting.scrollIntoView({ block: "center" });
    this.cutting = null;
    this.say(this.words.drawn_line);
  }

  #choose(id) {
    for (const [other, path] of this.paths) path.setStyle(other === id ? LOOKS.chosen : LOOKS.near);
  }
}

export class PolygonEditor extends PathEditor {
  tool = "Polygon";
}

export class LineEditor extends PathEditor {
  tool = "Line";
}

/** A marker that is dragged, or put where the map is tapped. */
export class PointEditor extends Editor {
  async start(closely) {
    await super.start(closely);
    this.map.on("click", ({ latlng }) => {
      this.before();
      this.put({ type: "Point", coordinates: rounded(position(latlng)) });
      this.after();
    });
    this.tools.draw.hidden = true;
  }

  make({ coordinates: [lon, lat] }) {
    const icon = L.divIcon({ className: "edit-pin", iconSize: [44, 44], iconAnchor: [22, 40] });
    return L.marker([lat, lon], { draggable: true, icon, pane: "markerPane" });
  }

  attach(marker) {
    marker.on("dragstart", () => this.before());
    marker.on("dragend", () => this.after());
  }
}

const position = ({ lng, lat }) => [lng, lat];

/** The corner next to one; a line ends. */
function beside(ring, index, step) {
  return ring[(index + step + ring.length) % ring.length];
}

/** How many corners the ring has in a geometry that a path of Geoman's leads to. */
function corners(geometry, indexPath) {
  let ring = geometry.coordinates;
  for (const place of indexPath.slice(0, -1)) ring = ring[place];
  return ring.length - (geometry.type.endsWith("Polygon") ? 1 : 0);
}

const latLngs = (geometry) => L.GeoJSON.coordsToLatLngs(geometry.coordinates, geometry.type === "Polygon" ? 1 : 2);

/** A feature around, to be seen and snapped to; points as small as they can be. */
function snapTarget({ geometry }) {
  const made = L.GeoJSON.geometryToLayer({ type: "Feature", geometry }, { pointToLayer: (_, at) => L.circleMarker(at, { radius: 4 }) });
  made.options.pane = PANE.name;
  made.options.interactive = false;
  return made.setStyle(LOOKS.near);
}
