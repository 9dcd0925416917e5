// Loading, offline, server gone, nothing there, too far out: each said in words, in its own place.
import { element } from "./dom.js";
import { saidOf, signInLink } from "./requests.js";

const AGAIN_MS = 15000;
const statesOf = new WeakMap();

/**
 * Tells on its map how a source or a board is doing. It has `map`, `words`, `emptyWords`, `retry()`, fires
 * `status`, `summary` and `shown`, and its `condition()` is { remote, loading, failed, shut, empty, far }:
 * `remote` that it asks a server at all, `shut` how whoever asks was refused, `empty` null while nobody can say.
 */
export function watch(source) {
  const { map } = source;
  if (!statesOf.has(map)) statesOf.set(map, new States(map, source.words));
  statesOf.get(map).add(source);
}

class States {
  constructor(map, words) {
    this.words = words;
    this.watched = [];
    this.bar = element("div", { class: "gf-loading", role: "progressbar", "aria-label": words.loading, hidden: true });
    this.said = element("span", {});
    this.retrying = element("button", { type: "button", class: "gf-button", onclick: () => this.#retry() }, words.retry);
    this.entrance = signInLink(words);
    this.banner = element("div", { class: "gf-banner", role: "alert", hidden: true }, this.said, this.retrying, this.entrance);
    this.empty = element("div", { class: "gf-empty", role: "status", hidden: true });
    this.hint = element("div", { class: "gf-hint", role: "status", hidden: true }, words.zoomCloser);
    map.getContainer().append(this.bar, this.banner, this.empty, this.hint);
    L.DomEvent.disableClickPropagation(this.banner);
    map.on("zoomend", () => this.#tell());
    for (const event of ["online", "offline"]) window.addEventListener(event, () => this.#connection());
  }

  add(source) {
    this.watched.push(source);
    source.on("status summary shown", () => this.#tell());
  }

  #retry() {
    for (const source of this.watched) source.retry();
  }

  #connection() {
    if (navigator.onLine) this.#retry();
    this.#tell();
  }

  #tell() {
    const conditions = this.watched.map((source) => source.condition());
    const broken = conditions.some(({ failed }) => failed);
    this.bar.hidden = !conditions.some(({ loading }) => loading);
    const offline = !navigator.onLine && conditions.some(({ remote }) => remote);
    const shut = conditions.find((condition) => condition.shut)?.shut;
    this.banner.hidden = !broken && !offline && !shut;
    this.said.textContent = shut ? saidOf(shut, this.words) : offline ? this.words.offline : this.words.serverGone;
    this.retrying.hidden = Boolean(shut);
    this.entrance.hidden = !shut;
    this.hint.hidden = !conditions.some(({ far }) => far);
    this.#tellEmpty(conditions.map(({ empty }) => empty));
    if (broken && !shut) this.timer ||= setTimeout(() => this.#again(), AGAIN_MS);
  }

  #tellEmpty(told) {
    const place = told.indexOf(true);
    this.empty.hidden = place < 0 || told.includes(false);
    if (this.empty.hidden) return;
    const { strong, hint } = this.watched[place].emptyWords;
    this.empty.classList.toggle("gf-empty-brief", !hint); // what lies under it is to be seen
    this.empty.replaceChildren(element("strong", {}, strong), ...(hint ? [element("span", {}, hint)] : []));
  }

  #again() {
    this.timer = 0;
    if (document.visibilityState === "visible" && navigator.onLine) this.#retry();
    else this.timer = setTimeout(() => this.#again(), AGAIN_MS);
  }
}
