// The box over the map: a name, a code or a person; the features found are flown to.
import { element } from "./dom.js";
import { saidOf, SignedOut } from "./requests.js";
import { flyTo, isWide } from "./view.js";

const WAIT_MS = 160;

export class Search {
  constructor(source, dispatcher) {
    this.source = source;
    this.dispatcher = dispatcher;
    this.hits = [];
    this.at = -1; // the hit that arrow keys have come to
    this.#build(source.words, `gf-search-${L.stamp(this)}`);
  }

  #build(words, id) {
    this.input = element("input", {
      type: "search", class: "gf-search-text", placeholder: words.search, "aria-label": words.searchHint, maxlength: 80,
      role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off", enterkeyhint: "search",
    });
    this.list = element("ul", { id, role: "listbox", "aria-label": words.searchHint, hidden: true });
    this.note = element("p", { class: "gf-note", role: "status", hidden: true }); // an empty one would be an empty card
    this.box = element("div", { class: "gf-search", role: "search" }, this.input, this.list, this.note);
    // A text that is still being composed (Pinyin) is no text yet.
    this.input.addEventListener("input", (event) => event.isComposing || this.#later());
    this.input.addEventListener("compositionend", () => this.#later());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("focus", () => this.#show(this.hits.length > 0));
    this.box.addEventListener("focusout", ({ relatedTarget }) => this.box.contains(relatedTarget) || this.#show(false));
    const container = this.source.map.getContainer();
    container.append(this.box);
    L.DomEvent.disableClickPropagation(this.box);
    L.DomEvent.disableScrollPropagation(this.box);
  }

  #key(event) {
    if (event.isComposing || event.keyCode === 229) return; // the keys are the input method's
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.hits.length) {
      event.preventDefault();
      this.#mark((this.at + step + this.hits.length) % this.hits.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.hits.length) this.#go(this.hits[Math.max(0, this.at)]);
      else this.#ask(); // nothing was found so far, or the answer is still to come
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (this.list.hidden) this.input.value = "";
      this.#show(false);
    }
    event.stopPropagation(); // arrow keys would move the map
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), WAIT_MS);
  }

  async #ask() {
    clearTimeout(this.timer);
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    const { items, config, words } = this.source;
    const text = this.input.value.trim();
    if (!text) return this.#fill([], "");
    try {
      const { hits, partial } = await items.json(`${config.search}?lang=${config.lang}&q=${encodeURIComponent(text)}`, signal);
      if (!signal.aborted) this.#fill(hits, partial ? words.searchPartial : hits.length ? "" : words.searchNone);
    } catch (error) {
      if (!signal.aborted) this.#fill([], error instanceof SignedOut ? saidOf(error, words) : words.searchFailed);
    }
  }

  #fill(hits, said) {
    this.hits = hits;
    this.list.replaceChildren(...hits.map((hit, n) => this.#option(hit, n)));
    this.note.textContent = said;
    this.#mark(-1);
    this.#show(hits.length > 0);
  }

  #option(hit, n) {
    const beside = [hit.label, hit.detail, hit.person ? `${hit.role} ${hit.person}` : ""].filter(Boolean).join(" · ");
    return element("li", { id: `${this.list.id}-${n}`, role: "option", "aria-selected": "false", onpointerdown: (event) => event.preventDefault(), onclick: () => this.#go(hit) },
      element("bdi", { class: "gf-search-title" }, hit.title), element("bdi", { class: "gf-search-beside" }, beside));
  }

  #mark(at) {
    this.at = at;
    [...this.list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
    if (at < 0) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", this.list.children[at].id);
    this.list.children[at].scrollIntoView({ block: "nearest" });
  }

  #show(on) {
    this.list.hidden = !on;
    this.input.setAttribute("aria-expanded", String(on));
    this.note.hidden = !this.note.textContent || !this.box.contains(document.activeElement);
  }

  async #go(hit) {
    const { source } = this;
    const layer = source.layer(hit.layer);
    this.#show(false);
    if (!isWide(source.map)) this.input.blur(); // the keyboard of a phone would cover the card
    try {
      const feature = await source.items.one(layer, hit.id);
      const card = (at) => layer.answers && this.dispatcher.openRecord(layer, feature, at, () => this.input);
      flyTo(source.map, feature.geometry, card);
    } catch (error) {
      this.#fill([], error instanceof SignedOut ? saidOf(error, source.words) : source.words.searchFailed);
    }
  }
}
