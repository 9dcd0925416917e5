// The page 「谁负责」: a tap, the reader's own position, a name or another day become a question. The answer is a piece
// of HTML that the server has written; it takes the place of the one before only when it has come.
import { element } from "./dom.js";
import { onceLaidOut } from "./laid-out.js";
import { request, trouble } from "./requests.js";
import { count } from "./values.js";
import { isWide, parseHash } from "./view.js";

const CLOSE = 17; // the zoom that shows a place
const LOOSE_M = 20; // how good a position is without a word about it
const MARGIN = 56; // px between the pin and the edge of the map
const PIN = '<svg viewBox="0 0 30 40" width="30" height="40" aria-hidden="true"><path class="gf-pin-body" d="M15 1.500C7.500 1.500 1.500 7.400 1.500 14.800c0 9.600 13.500 23.700 13.500 23.700s13.500-14.100 13.500-23.700C28.500 7.400 22.500 1.500 15 1.500z"/><circle class="gf-pin-eye" cx="15" cy="15" r="5"/></svg>';

export class Here {
  constructor(source, dispatcher, { answers, place }) {
    Object.assign(this, { source, map: source.map, words: source.words, answers, latest: 0, failed: null });
    this.form = document.getElementById("here-ask");
    this.panel = document.getElementById("here-answer");
    [this.status, this.note, this.body] = this.panel.children;
    this.pin = L.marker([0, 0], { icon: L.divIcon({ className: "gf-pin", html: PIN, iconSize: [30, 40], iconAnchor: [15, 39] }), interactive: false, keyboard: false });
    dispatcher.divert(({ lng, lat }) => this.ask({ lon: lng.toFixed(6), lat: lat.toFixed(6) }));
    this.#bindForms();
    this.#bindPosition();
    this.#bindKeyboard();
    this.#bindFold();
    const named = parseHash(window.location.hash);
    onceLaidOut(() => this.#mark({ near: Boolean(place) && !named }));
  }

  /** Asks about { lon, lat } or { q }; the day stays the one of the answer on screen unless `on` says another. */
  async ask(asked, { on = this.article.dataset.on, accuracy = null, near = "q" in asked || accuracy !== null } = {}) {
    const turn = (this.latest += 1);
    const query = new URLSearchParams({ ...asked, ...(on ? { on } : {}) });
    this.failed = null;
    this.#say([this.words.asking], "status");
    this.panel.setAttribute("aria-busy", "true");
    try {
      const text = await this.#fetch(query);
      if (turn !== this.latest) return;
      this.#show(text, { near, accuracy });
      this.#remember();
    } catch (error) {
      if (turn === this.latest) this.#fail(error, () => this.ask(asked, { on, accuracy, near }));
    }
    if (turn === this.latest) this.panel.removeAttribute("aria-busy");
  }

  get article() {
    return this.body.querySelector("article");
  }

  async #fetch(query) {
    const lang = this.source.config.lang;
    // Refusals as JSON: a redirection to a page for people would be taken for an answer.
    const response = await request(`${this.answers}?${query}&lang=${lang}`, { accept: "application/json, text/html;q=0.5" });
    if (response.ok) return response.text();
    const { detail, title } = await response.json();
    throw Object.assign(new Error(`answered ${response.status}`), { said: detail ?? title });
  }

  #show(text, { near, accuracy }) {
    this.body.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    this.body.scrollTop = 0;
    this.status.textContent = this.article.dataset.told ?? "";
    const loose = accuracy !== null && accuracy > LOOSE_M;
    this.#say(loose ? [this.words.accuracy(count(Math.round(accuracy), this.source.config.lang))] : [], "status");
    this.#fold(false);
    this.#mark({ near, accuracy });
  }

  /** Says something above the answer; alerts are read out at once. */
  #say(parts, role = "alert") {
    this.note.setAttribute("role", role);
    this.note.hidden = !parts.length;
    this.note.replaceChildren(...parts);
  }

  #fail(error, again) {
    this.failed = again;
    const kept = this.article.dataset.told ? this.words.askFailedKept : this.words.askFailed;
    this.#say(trouble(error, error.said ?? kept, this.words, again));
  }

  /** Shows on the map what the answer is about; `near` flies there. */
  #mark({ near, accuracy = null }) {
    const { lon, lat, layer, feature } = this.article.dataset;
    this.circle?.remove();
    const declared = layer && this.source.layer(layer);
    this.source.highlight.set("open", declared ? { layer: declared, id: Number(feature) } : null);
    if (!lon) return void this.pin.remove();
    const place = L.latLng(Number(lat), Number(lon));
    this.pin.setLatLng(place).addTo(this.map);
    if (accuracy !== null) this.circle = L.circle(place, { radius: accuracy, className: "gf-accuracy", interactive: false }).addTo(this.map);
    this.map.invalidateSize({ pan: false });
    if (near) this.map.setView(place, Math.max(CLOSE, this.map.getZoom()));
    else this.map.panInside(place, { padding: [MARGIN, MARGIN] });
  }

  /** The address bar says what was asked, so that it can be passed on; so do the links to other languages. */
  #remember() {
    const { lon, lat, on, text } = this.article.dataset;
    const asked = lon ? { lon: Number(lon).toFixed(6), lat: Number(lat).toFixed(6) } : { q: text };
    const query = new URLSearchParams({ ...asked, ...(on ? { on } : {}) });
    window.history.replaceState(window.history.state, "", `?${query}${window.location.hash}`);
    for (const link of document.querySelectorAll(".gf-nav a[hreflang]")) {
      const lang = new URLSearchParams(link.search).get("lang");
      link.search = `?${query}&lang=${lang}`;
    }
  }

  #bindForms() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const q = this.form.elements.q.value.trim();
      if (q) this.ask({ q });
      else this.form.elements.q.focus();
    });
    this.body.addEventListener("submit", (event) => {
      event.preventDefault();
      const { lon, lat, on } = Object.fromEntries(new FormData(event.target));
      this.ask({ lon, lat }, { on });
    });
    this.body.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='/here?']");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      const { lon, lat, on = "" } = Object.fromEntries(new URLSearchParams(link.search));
      this.ask({ lon, lat }, { on, near: true });
    });
    window.addEventListener("online", () => this.failed?.());
  }

  #bindPosition() {
    const button = this.form.querySelector("[data-locate]");
    button.hidden = !("geolocation" in navigator);
    button.addEventListener("click", () => {
      if (!window.isSecureContext) return this.#say([this.words.insecure]);
      this.#say([this.words.locating], "status");
      navigator.geolocation.getCurrentPosition(
        ({ coords: { longitude, latitude, accuracy } }) => this.ask({ lon: longitude.toFixed(6), lat: latitude.toFixed(6) }, { accuracy }),
        () => this.#say([this.words.denied]),
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 },
      );
    });
  }

  /** Whoever cannot point moves the map under a cross and presses Enter. */
  #bindKeyboard() {
    const container = this.map.getContainer();
    container.append(element("div", { class: "gf-cross", "aria-hidden": "true" }));
    container.addEventListener("pointerdown", () => container.classList.remove("gf-by-key"));
    container.addEventListener("blur", () => container.classList.remove("gf-by-key"));
    container.addEventListener("keydown", (event) => {
      container.classList.add("gf-by-key");
      if (event.key !== "Enter" || event.target !== container) return;
      const { lng, lat } = this.map.getCenter();
      this.ask({ lon: lng.toFixed(6), lat: lat.toFixed(6) });
    });
  }

  /** On a phone the answer is a sheet that can be folded to its first lines; the map takes the room. */
  #bindFold() {
    this.handle = element("button", { type: "button", class: "gf-handle", "aria-controls": this.body.id, onclick: () => this.#fold(!this.panel.classList.contains("gf-folded")) });
    this.panel.prepend(this.handle);
    this.#fold(false);
    new ResizeObserver(() => this.map.invalidateSize({ pan: false })).observe(this.map.getContainer());
  }

  #fold(folded) {
    this.panel.classList.toggle("gf-folded", folded && !isWide(this.map));
    this.handle.setAttribute("aria-expanded", String(!folded));
    this.handle.setAttribute("aria-label", folded ? this.words.unfold : this.words.fold);
  }
}
