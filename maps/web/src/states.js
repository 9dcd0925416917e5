// Loading, offline, server gone, nothing there, too far out: each said in words, in its own place.
import { element } from "./dom.js";

const AGAIN_MS = 15000;

export class States {
  constructor(source) {
    this.source = source;
    const { words } = source;
    this.bar = element("div", { class: "gf-loading", role: "progressbar", "aria-label": words.loading, hidden: true });
    this.said = element("span", {});
    const again = element("button", { type: "button", class: "gf-button", onclick: () => source.retry() }, words.retry);
    this.banner = element("div", { class: "gf-banner", role: "alert", hidden: true }, this.said, again);
    this.empty = element("div", { class: "gf-empty", role: "status", hidden: true }, element("strong", {}, words.empty), element("span", {}, words.emptyHint));
    this.hint = element("div", { class: "gf-hint", role: "status", hidden: true }, words.zoomCloser);
    source.map.getContainer().append(this.bar, this.banner, this.empty, this.hint);
    L.DomEvent.disableClickPropagation(this.banner);
    source.on("status", () => this.#status());
    source.on("summary shown", () => this.#content());
    source.map.on("zoomend", () => this.#content());
    for (const event of ["online", "offline"]) window.addEventListener(event, () => this.#connection());
  }

  #connection() {
    if (navigator.onLine) this.source.retry();
    this.#status();
  }

  #status() {
    const { loading, failed } = this.source.store.status;
    const broken = failed > 0 || this.source.summaryFailed;
    this.bar.hidden = !loading;
    this.banner.hidden = !broken && navigator.onLine;
    this.said.textContent = navigator.onLine ? this.source.words.serverGone : this.source.words.offline;
    if (broken) this.timer ||= setTimeout(() => this.#again(), AGAIN_MS);
  }

  #again() {
    this.timer = 0;
    if (document.visibilityState === "visible" && navigator.onLine) this.source.retry();
    else this.timer = setTimeout(() => this.#again(), AGAIN_MS);
  }

  #content() {
    const { summary, layers, map } = this.source;
    const subjects = layers.filter((layer) => layer.role === "subject");
    this.empty.hidden = !summary || subjects.some((layer) => summary[layer.name]?.count > 0);
    const wanted = subjects.filter((layer) => this.source.shown.has(layer.name));
    this.hint.hidden = !wanted.length || wanted.some((layer) => layer.visibleAt(map.getZoom()));
  }
}
