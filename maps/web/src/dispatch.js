// One dispatcher for the whole map: the topmost feature is the one that is named, outlined and opened.
import { element } from "./dom.js";
import { topmost } from "./hit.js";
import { FeaturePopup } from "./popup.js";
import { count, titleOf, withUnit } from "./values.js";

const NOT_MAP = ".leaflet-control, .leaflet-popup, .legend, .gf-list, .gf-banner";
const CLOSER = 2; // zooms; what was one symbol is then up to sixteen
const EDGE = { side: 150, top: 90 }; // px

export class Dispatcher {
  constructor(source) {
    this.source = source;
    this.popup = new FeaturePopup(source);
    this.coarse = window.matchMedia("(pointer: coarse)");
    this.tooltip = L.tooltip({ className: "gf-tooltip", offset: [0, 0], opacity: 1 });
    this.pending = 0;
    source.map.on("click", this.#click, this);
    source.map.on("mousemove", this.#move, this);
    source.map.on("mouseout movestart zoomstart gf-over", this.#leave, this);
    source.on("shown", () => this.#afterSwitch());
  }

  /** From now on a click is a question about its place, and opens no card. */
  divert(ask) {
    this.ask = ask;
  }

  /** From now on the map is for something else: nothing is named, outlined or opened. */
  rest() {
    this.source.map.off("click", this.#click, this);
    this.source.map.off("mousemove", this.#move, this);
  }

  /** Opens the card of a record that the list has fetched already. */
  openRecord(layer, record, latlng, returnTo) {
    const known = this.source.find(layer, record.id) ?? { paint: layer.paintFor(record.properties[layer.style.by], 0), alert: false };
    this.popup.open({ layer, id: record.id, properties: record.properties, ...known }, latlng, { record, returnTo });
  }

  #hit(latlng, touch) {
    const { map } = this.source;
    const zoom = map.getZoom();
    const at = map.project(latlng, zoom);
    return topmost(this.source.frames(), this.source.drawn(), at.x, at.y, zoom, touch);
  }

  #click({ latlng, originalEvent }) {
    if (this.ask) return this.ask(latlng);
    const touch = originalEvent.pointerType === "touch" || this.coarse.matches;
    const hit = this.#hit(latlng, touch);
    this.#leave();
    if (!hit) return;
    const place = hit.at ? this.source.map.unproject(L.point(hit.at.x, hit.at.y), this.source.map.getZoom()) : latlng;
    if (hit.weight > 1) return this.#approach(place);
    this.popup.open(hit, place, { offset: hit.at ? hit.r : 0 });
  }

  /** Goes to where those that a symbol stands for come apart. */
  #approach(place) {
    const { map } = this.source;
    map.setView(place, Math.min(map.getZoom() + CLOSER, map.getMaxZoom()));
  }

  #move({ latlng, originalEvent }) {
    if (this.coarse.matches || originalEvent.buttons) return;
    if (originalEvent.target.closest(NOT_MAP)) return this.#leave();
    cancelAnimationFrame(this.pending);
    this.pending = requestAnimationFrame(() => this.#hover(this.#hit(latlng, false), latlng));
  }

  #hover(hit, latlng) {
    const { map, highlight } = this.source;
    map.getContainer().classList.toggle("gf-pointing", Boolean(hit));
    highlight.set("hover", hit?.weight > 1 ? null : hit);
    if (!hit) return this.tooltip.remove();
    if (hit.weight > 1 || this.named?.id !== hit.id || this.named?.layer !== hit.layer) this.tooltip.setContent(this.#caption(hit));
    this.named = hit;
    this.tooltip.options.direction = this.#roomiest(map.latLngToContainerPoint(latlng));
    this.tooltip.setLatLng(latlng);
    if (!this.tooltip.isOpen()) this.tooltip.addTo(map);
  }

  /** The side of the pointer on which a tooltip stays within the map. */
  #roomiest({ x, y }) {
    if (x < EDGE.side) return "right";
    if (x > this.source.map.getSize().x - EDGE.side) return "left";
    return y < EDGE.top ? "bottom" : "top";
  }

  #caption(hit) {
    return hit.weight > 1 ? this.#captionOfMany(hit) : this.#captionOfOne(hit);
  }

  /** How many there are, of which classes, and how many lack what all should have. */
  #captionOfMany({ layer, weight, parts, properties }) {
    const { words, config } = this.source;
    const told = layer.style.by ? parts.map(({ paint, count: each }) => [paint.label, each]) : [];
    if (properties.lacking && layer.style.alertLabel) told.push([layer.style.alertLabel, properties.lacking]);
    const lines = told.map(([label, each]) => element("div", {}, `${label}${words.join}${count(each, config.lang)}`));
    return element("div", {}, element("strong", {}, `${layer.label}${words.join}${count(weight, config.lang)}`), ...lines, element("div", { class: "gf-note" }, words.clickCloser));
  }

  #captionOfOne({ layer, id, properties, alert }) {
    const { words, config } = this.source;
    const title = titleOf(layer, properties, id, words);
    const lines = layer.style.tooltip
      .filter((name) => name !== layer.title && (properties[name] ?? "") !== "" && layer.fieldsByName.has(name))
      .map((name) => {
        const field = layer.fieldsByName.get(name);
        return element("div", {}, `${field.label}${words.join}`, element("bdi", {}, withUnit(field, properties[name], words, config.lang)));
      });
    if (alert && layer.style.alertLabel) lines.push(element("div", { class: "gf-alert" }, layer.style.alertLabel));
    return element("div", {}, element("strong", { dir: "auto" }, title), ...lines);
  }

  #leave() {
    cancelAnimationFrame(this.pending);
    this.named = null;
    this.tooltip.remove();
    this.source.highlight.set("hover", null);
    this.source.map.getContainer().classList.remove("gf-pointing");
  }

  #afterSwitch() {
    const open = this.popup.popup && this.popup.hit;
    if (open && !this.source.shown.has(open.layer.name)) this.popup.close();
    this.#leave();
  }
}
