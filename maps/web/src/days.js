// The days of a ledger: a slider from the first case to the last, which shows what waited on a day.
import { element } from "./dom.js";

const WAIT_MS = 180;
const STEP_MS = 700;
const PLAYED = 40; // steps from the first day to the last
const DAY_MS = 86400000;

export const toNumber = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);
export const toIso = (number) => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** The days that the figures of some layers name, as numbers: [first, last], or null. */
export function spanOf(summary, names) {
  const spans = names.map((name) => summary[name]?.days).filter(Boolean);
  if (!spans.length) return null;
  const first = Math.min(...spans.map(([from]) => toNumber(from)));
  return [first, Math.max(first, ...spans.map(([, to]) => toNumber(to)))];
}

/** A bar at the lower edge of the map; it is there once the first figures say between which days. */
export class DayControl {
  constructor(source) {
    Object.assign(this, { source, words: source.words, span: null });
    this.names = source.layers.filter(({ role, lasting }) => role === "subject" && lasting).map(({ name }) => name);
    source.on("summary", () => this.#begin());
    source.on("summary", () => this.#count());
  }

  #begin() {
    if (this.span) return;
    this.span = spanOf(this.source.summary, this.names);
    if (this.span) this.#build();
  }

  #build() {
    const { words, source, span: [first, last] } = this;
    const id = "gf-days-range";
    this.said = element("output", { class: "gf-days-said", for: id });
    this.range = element("input", {
      id, type: "range", min: first, max: last, step: 1, "aria-label": words.waitedOn,
      oninput: () => this.#show(Number(this.range.value)),
    });
    this.play = element("button", { type: "button", class: "gf-days-play", onclick: () => this.#toggle() });
    this.all = element("button", { type: "button", class: "gf-button", onclick: () => this.#show(null) }, words.allDays);
    this.bar = element("div", { class: "gf-days", role: "group", "aria-label": words.waitedOn }, this.play, this.range, this.said, this.all);
    L.DomEvent.disableClickPropagation(this.bar);
    source.map.getContainer().append(this.bar);
    source.map.getContainer().classList.add("gf-dated");
    this.#label();
    this.#tell(source.at);
    this.#count();
  }

  #show(day, playing = false) {
    if (!playing) this.#stop();
    const iso = day === null ? null : toIso(day);
    this.#tell(iso);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.#go(iso), WAIT_MS);
  }

  #go(iso) {
    this.source.goTo(iso);
    const address = new URL(window.location.href);
    if (iso) address.searchParams.set("waiting", iso);
    else address.searchParams.delete("waiting");
    window.history.replaceState(window.history.state, "", address);
  }

  #tell(iso) {
    const day = iso ? Math.min(this.span[1], Math.max(this.span[0], toNumber(iso))) : this.span[1];
    this.range.value = String(day);
    this.all.hidden = !iso;
    this.day = iso;
    const text = iso ?? this.words.allDays;
    this.range.setAttribute("aria-valuetext", text);
    this.said.textContent = text;
  }

  #count() {
    if (!this.said || !this.day) return;
    const found = this.names.reduce((sum, name) => sum + (this.source.summary[name]?.count ?? 0), 0);
    this.said.textContent = `${this.day} · ${this.words.waited(found)}`;
  }

  #toggle() {
    if (this.timer) return this.#stop();
    const [first, last] = this.span;
    const step = Math.max(1, Math.round((last - first) / PLAYED));
    let day = this.day && toNumber(this.day) < last ? toNumber(this.day) : first - step;
    this.timer = setInterval(() => {
      day = Math.min(last, day + step);
      this.#show(day, true);
      if (day === last) this.#stop();
    }, STEP_MS);
    this.#label();
  }

  #stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.#label();
  }

  #label() {
    const label = this.timer ? this.words.pause : this.words.play;
    Object.assign(this.play, { title: label, textContent: this.timer ? "❚❚" : "▶" });
    this.play.setAttribute("aria-label", label);
  }
}
