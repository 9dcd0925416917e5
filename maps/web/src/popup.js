// The card of one place: what the map knows at once, the whole record as soon as the server has sent it.
import { element, swatch } from "./dom.js";
import { trouble } from "./requests.js";
import { listOf, shots } from "./shots.js";
import { classLabel, count, headingOf, rows, titleOf } from "./values.js";

const MOST_LISTED = 5;
const WIDTH = 300;

export class FeaturePopup {
  constructor(source) {
    this.source = source;
    this.popup = null;
  }

  /**
   * Opens at `latlng` for a hit ({ layer, id, properties, paint, alert }). For polygons the server
   * is asked what lies at the very point: tiles are rounded, and on a border there are several.
   * When it closes, focus goes back to where it was, or to what `returnTo` finds.
   */
  open(hit, latlng, { record = null, offset = 0, returnTo = null } = {}) {
    this.close();
    const opener = document.activeElement;
    this.returnTo = returnTo ?? (() => opener);
    this.hit = hit;
    this.latlng = latlng;
    this.abort = new AbortController();
    this.photos = new Map();
    this.body = element("div", { class: "gf-card" });
    const width = Math.min(WIDTH, this.source.map.getSize().x - 32);
    this.popup = L.popup({ minWidth: width, maxWidth: width, autoPanPadding: [16, 16], offset: [0, 4 - offset], className: "gf-popup" })
      .setLatLng(latlng)
      .setContent(this.body)
      .on("remove", () => this.#closed());
    this.#show([this.#section(hit, hit.properties)], record ? null : "loading");
    this.popup.openOn(this.source.map);
    this.#dress();
    this.source.highlight.set("open", hit);
    if (record) this.#show([this.#section(hit, record.properties)]);
    else this.#load();
    this.#focus();
  }

  close() {
    this.popup?.remove();
  }

  async #load() {
    const { signal } = this.abort;
    try {
      const [features] = await Promise.all([this.#fetch(signal), this.source.told()]);
      if (!signal.aborted) this.#loaded(features);
    } catch (error) {
      if (!signal.aborted) this.#show([this.#section(this.hit, this.hit.properties)], error);
    }
  }

  async #fetch(signal) {
    const { layer, id } = this.hit;
    const { items } = this.source;
    if (layer.geometry !== "polygon") return { features: [await items.one(layer, id, signal)], numberMatched: 1 };
    return items.at(layer, this.latlng, MOST_LISTED, signal);
  }

  #loaded({ features, numberMatched = features.length }) {
    const { words, config } = this.source;
    if (!features.length) return this.#show([element("p", { class: "gf-note" }, words.nothingHere)]);
    const ordered = [...features].sort((a, b) => Number(b.id === this.hit.id) - Number(a.id === this.hit.id));
    const sections = ordered.map(({ id, properties }) => this.#section(this.#hitOf(id), this.#known(id, properties)));
    if (features.length > 1) sections.unshift(element("p", { class: "gf-note" }, words.several(count(numberMatched, config.lang))));
    if (numberMatched > features.length) sections.push(element("p", { class: "gf-note" }, words.more(numberMatched - features.length)));
    this.#show(sections);
    this.source.highlight.set("open", this.#hitOf(ordered[0].id));
  }

  /** A record, with what its view computes: that stands in the tiles alone. */
  #known(id, properties) {
    return id === this.hit.id ? { ...this.hit.properties, ...properties } : properties;
  }

  /** What the map knows of another feature of the same layer. */
  #hitOf(id) {
    const { layer } = this.hit;
    if (id === this.hit.id) return this.hit;
    return { layer, id, paint: null, alert: false, ...this.source.find(layer, id) };
  }

  #section({ layer, id, paint, alert }, properties) {
    const { words, config } = this.source;
    const kind = classLabel(layer, properties, alert);
    const sign = alert ? { ...paint, colour: layer.style.alertColour } : paint;
    const list = rows(layer, properties, words, config.lang).flatMap(([label, text]) => [
      element("dt", {}, label),
      element("dd", { dir: "auto" }, text),
    ]);
    return element("section", {},
      element("h2", { tabindex: "-1", dir: "auto" }, headingOf(titleOf(layer, properties, id, words))),
      element("p", { class: "gf-class" }, paint ? swatch(layer, sign) : null, element("span", {}, layer.label), kind ? element("bdi", {}, kind) : null),
      this.#shots(layer, id, titleOf(layer, properties, id, words)),
      element("dl", {}, ...list),
    );
  }

  /** A place for the photographs, which are shown as soon as the server has said that there are some. */
  #shots(layer, id, title) {
    const { words, config, items } = this.source;
    const address = listOf(config, layer, id);
    if (!address) return null;
    const place = element("div", { hidden: true });
    if (!this.photos.has(address)) this.photos.set(address, items.json(address, this.abort.signal));
    this.photos.get(address).then((found) => {
      const list = shots(found.photos, headingOf(title), address.replace(/\/photos$/, ""), words);
      if (!list || !place.isConnected) return;
      place.replaceWith(list);
      this.popup?.update();
    }, () => {}); // the record is told without them
    return place;
  }

  #show(parts, state = null) {
    const hadFocus = this.body.contains(document.activeElement);
    const scroll = element("div", { class: "gf-card-scroll", tabindex: "0", role: "group", "aria-label": this.source.words.listOf }, ...parts);
    this.body.replaceChildren(scroll, ...this.#footer(state), ...this.#further());
    if (!this.popup.isOpen()) return;
    this.popup.update();
    if (hadFocus) this.#focus();
  }

  #focus() {
    (this.body.querySelector("h2") ?? this.body.firstElementChild).focus({ preventScroll: true });
  }

  #footer(state) {
    const { words } = this.source;
    if (state === "loading") return [element("p", { class: "gf-note gf-busy", role: "status" }, words.loadingDetails)];
    if (!state) return [];
    return [element("p", { class: "gf-note gf-failed", role: "alert" }, ...trouble(state, words.detailsFailed, words, () => this.#again()))];
  }

  /** Further ways: to who answers for this very place, and to the record's history and form. */
  #further() {
    const links = [...this.#answers(), ...this.#record()].map(([href, text]) => element("a", { class: "gf-button", href }, text));
    return links.length ? [element("p", { class: "gf-further" }, ...links)] : [];
  }

  #answers() {
    if (!this.hit.layer.answered) return [];
    const { lng, lat } = this.latlng;
    const on = new URLSearchParams(window.location.search).get("on");
    const query = new URLSearchParams({ lon: lng.toFixed(6), lat: lat.toFixed(6), ...(on ? { on } : {}) });
    return [[`/here?${query}`, this.source.words.whoAnswers]];
  }

  #record() {
    const { config, words } = this.source;
    const { layer, id } = this.hit;
    if (!config.items || layer.role === "basemap") return [];
    const address = `${config.items.replace("{layer}", encodeURIComponent(layer.name))}/${id}`;
    const edits = "edits" in document.body.dataset && !new URLSearchParams(window.location.search).has("on");
    return [...(edits ? [[`${address}/edit`, words.edit]] : []), [`${address}/history`, words.history]];
  }

  #again() {
    this.#show([this.#section(this.hit, this.hit.properties)], "loading");
    this.#load();
  }

  /** Leaflet's own parts: a name for the button, Escape from anywhere inside, a role for the card. */
  #dress() {
    const { words } = this.source;
    const box = this.popup.getElement();
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", headingOf(titleOf(this.hit.layer, this.hit.properties, this.hit.id, words)));
    const button = box.querySelector(".leaflet-popup-close-button");
    button?.setAttribute("aria-label", words.close);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  #closed() {
    this.abort.abort();
    this.popup = null;
    this.source.highlight.set("open", null);
    const focused = document.activeElement;
    if (focused !== document.body && !this.body.closest(".leaflet-popup")?.contains(focused)) return;
    const target = this.returnTo();
    (target?.isConnected && target !== document.body ? target : this.source.map.getContainer()).focus({ preventScroll: true });
  }
}
