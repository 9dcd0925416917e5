// The table beside the map: what is in sight, for whoever cannot see or point at a canvas.
import { element, swatch } from "./dom.js";
import { trouble } from "./requests.js";
import { count, isAbsent, titleOf, withUnit } from "./values.js";
import { flyTo, isWide } from "./view.js";

const MOST_ROWS = 200;
const WAIT_MS = 250;

/** The "列表" button; its panel is a table of one subject layer, every row a way to the feature. */
export const ListControl = L.Control.extend({
  options: { position: "topright" },

  initialize(source, dispatcher, options) {
    L.setOptions(this, options);
    this.source = source;
    this.dispatcher = dispatcher;
    this.subjects = source.layers.filter((layer) => layer.role === "subject").reverse();
    this.layer = this.subjects[0];
  },

  onAdd(map) {
    const { words } = this.source;
    this.panel = this._buildPanel(words);
    map.getContainer().append(this.panel);
    L.DomEvent.disableClickPropagation(this.panel);
    L.DomEvent.disableScrollPropagation(this.panel);
    this.button = element("button", {
      type: "button", class: "gf-list-button", "aria-expanded": "false", "aria-controls": this.panel.id,
      onclick: () => this.toggle(this.panel.hidden),
    }, element("span", { class: "gf-icon gf-icon-list", "aria-hidden": "true" }), words.list);
    const bar = element("div", { class: "leaflet-bar gf-list-bar" }, this.button);
    L.DomEvent.disableClickPropagation(bar);
    map.on("moveend", this._later, this);
    this.source.on("summary", this._later, this);
    return bar;
  },

  onRemove(map) {
    map.off("moveend", this._later, this);
    this.source.off("summary", this._later, this);
    this.panel.remove();
  },

  toggle(open) {
    this.panel.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    this._map.getContainer().classList.toggle("gf-list-open", open);
    this._foldLegend(open);
    if (!open) return this.button.focus();
    this._load();
    this.panel.querySelector("h2").focus({ preventScroll: true });
  },

  /** Beside the list the legend is folded; it comes back as it was. */
  _foldLegend(open) {
    const legend = this._map.getContainer().querySelector(".legend");
    if (!legend) return;
    if (open) this.legendWasOpen = legend.open;
    legend.open = open ? false : this.legendWasOpen;
  },

  _buildPanel(words) {
    const close = element("button", { type: "button", class: "gf-close", "aria-label": words.close, title: words.close, onclick: () => this.toggle(false) });
    const options = this.subjects.map((layer) => element("option", { value: layer.name }, layer.label));
    const choose = element("select", { "aria-label": words.layer, onchange: ({ target }) => this._choose(target.value) }, ...options);
    this.note = element("p", { class: "gf-note", role: "status" });
    this.table = element("table", {});
    const panel = element("section", { class: "gf-list", id: `gf-list-${L.stamp(this)}`, "aria-label": words.listOf, hidden: true },
      element("header", {}, element("h2", { tabindex: "-1" }, words.listOf), close),
      this.subjects.length > 1 ? element("div", { class: "gf-list-choose" }, choose) : null,
      this.note,
      element("div", { class: "gf-list-scroll", tabindex: "0", role: "group", "aria-label": words.listOf }, this.table),
    );
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggle(false);
    });
    return panel;
  },

  _choose(name) {
    this.layer = this.source.layer(name);
    this._load();
  },

  _later() {
    clearTimeout(this.timer);
    if (!this.panel.hidden) this.timer = setTimeout(() => this._load(), WAIT_MS);
  },

  async _load() {
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    const { words, items, map } = this.source;
    this.panel.setAttribute("aria-busy", "true");
    try {
      const [page] = await Promise.all([items.within(this.layer, map.getBounds(), MOST_ROWS, signal), this.source.told()]);
      if (!signal.aborted) this._fill(page);
    } catch (error) {
      if (signal.aborted) return;
      this.note.replaceChildren(...trouble(error, words.listFailed, words, () => this._load()));
    }
    this.panel.removeAttribute("aria-busy");
  },

  _fill({ features, numberMatched = features.length }) {
    const { words, config } = this.source;
    const focused = this.panel.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    const [shown, all] = [count(features.length, config.lang), count(numberMatched, config.lang)];
    this.note.textContent = !features.length ? words.noneSeen : numberMatched > features.length ? words.seenFirst(shown, all) : words.seen(all);
    const columns = this._columns();
    const head = element("tr", {}, ...[words.name, ...columns.map((column) => column.label)].map((label) => element("th", { scope: "col" }, label)));
    const body = features.map((feature) => this._row(feature, columns));
    this.table.replaceChildren(element("caption", { class: "gf-hidden" }, this.layer.label), element("thead", {}, head), element("tbody", {}, ...body));
    this.table.hidden = !features.length;
    if (focused) this._rowOf(focused)?.focus({ preventScroll: true });
  },

  _rowOf(id) {
    return this.table.querySelector(`button[data-id="${CSS.escape(id)}"]`);
  },

  /** The class and what the tooltip tells, without the title: two at most, the panel is narrow. */
  _columns() {
    const { style, title, fieldsByName } = this.layer;
    const names = new Set([style.by, ...style.tooltip, style.sizeBy].filter((name) => name && name !== title));
    return [...names].slice(0, 2).map((name) => fieldsByName.get(name));
  },

  _row({ id, properties, geometry }, columns) {
    const { words, config } = this.source;
    const { layer } = this;
    const { style } = layer;
    const name = element("bdi", {}, titleOf(layer, properties, id, words));
    const go = element("button", { type: "button", class: "gf-row", "data-id": id, onclick: () => this._go({ id, properties, geometry }) }, name);
    const cells = columns.map((field) => {
      const found = properties[field.name];
      const missing = isAbsent(found);
      const alert = missing && field.name === style.alertWithout;
      const text = alert ? style.alertLabel : missing ? "–" : withUnit(field, found, words, config.lang);
      const sign = field.name === style.by && !style.tints && !missing ? swatch(layer, layer.paintFor(found)) : null;
      return element("td", { class: alert ? "gf-alert" : null }, sign, element("bdi", {}, text ?? "–"));
    });
    return element("tr", {}, element("th", { scope: "row" }, go), ...cells);
  },

  _go(feature) {
    const { map } = this.source;
    if (!isWide(map)) this.toggle(false); // the sheet would cover the card
    const back = () => (this.panel.hidden ? this.button : this._rowOf(feature.id));
    flyTo(map, feature.geometry, (at) => this.dispatcher.openRecord(this.layer, feature, at, back));
  },
});
