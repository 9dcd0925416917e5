// One live list: its stream of events, the pieces that are fetched, and what is said of it.
import { element } from "./dom.js";
import { SignedOut, request, signInLink } from "./requests.js";

const GATHER_MS = 150; // one fetch for a burst of events
const AGAIN_MS = 15000; // after a refusal; a browser comes back by itself when a connection breaks
const HIDDEN_MS = 60000; // a connection is dear: browsers have six to a server
const NEW_MS = 20000;

export class LiveList {
  constructor(box) {
    [this.state, this.said, this.body] = box.children;
    this.words = JSON.parse(box.dataset.words);
    this.limit = box.dataset.limit;
    this.known = numbersOf(this.body);
    this.fetched = new Date();
    this.source = this.gathering = this.again = this.leaving = this.renewing = null;
    this.stale = false;
  }

  begin() {
    this.#say("connecting");
    this.body.addEventListener("submit", (event) => this.#send(event));
    document.addEventListener("visibilitychange", () => this.#seen());
    window.addEventListener("offline", () => this.#away());
    window.addEventListener("online", () => this.#open());
    window.addEventListener("pagehide", () => this.#close());
    window.addEventListener("pageshow", (event) => event.persisted && this.#open());
    this.#open();
  }

  /** Fetches the list, and listens from where it ends. */
  async #open() {
    this.#close();
    const mark = await this.renew();
    if (mark === null || this.source || document.hidden) return;
    this.source = new EventSource(`/events?${new URLSearchParams({ since: mark })}`);
    this.source.addEventListener("open", () => this.#say("live"));
    this.source.addEventListener("logged", () => this.#gather());
    this.source.addEventListener("error", () => this.#broken());
  }

  #close() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  async #broken() {
    if (this.source?.readyState !== EventSource.CLOSED) return this.#away(); // it comes back by itself
    this.#close();
    // Refused, while the list itself is to be had: there are too many streams.
    if ((await this.renew()) !== null) this.#say("full");
    if (this.state.dataset.state !== "out") this.#later();
  }

  #later() {
    clearTimeout(this.again);
    this.again = setTimeout(() => this.#open(), AGAIN_MS);
  }

  #seen() {
    clearTimeout(this.leaving);
    if (document.hidden) this.leaving = setTimeout(() => this.#close(), HIDDEN_MS);
    else if (!this.source) this.#open();
  }

  #gather() {
    this.gathering ??= setTimeout(() => {
      this.gathering = null;
      this.renew();
    }, GATHER_MS);
  }

  /** Fetches the list anew; the mark from which to listen, null when there is none to be had. */
  renew() {
    this.stale = true;
    this.renewing ??= this.#fetched().finally(() => { this.renewing = null; });
    return this.renewing;
  }

  /** Again as long as something has come in while it was fetched. */
  async #fetched() {
    let mark = null;
    while (this.stale) {
      this.stale = false;
      mark = await this.#fetch();
    }
    return mark;
  }

  async #fetch() {
    const lang = document.documentElement.lang.slice(0, 2);
    try {
      const response = await request(`/logged/latest?${new URLSearchParams({ limit: this.limit, lang })}`, { accept: "application/json, text/html;q=0.5" });
      if (!response.ok) throw new Error(`answered ${response.status}`);
      return this.#show(await response.text());
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  /** A form of the list, without leaving it; whatever is not simply done is left to the page that says why. */
  async #send(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    const sent = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" }).catch(() => null);
    if (sent?.type !== "opaqueredirect") return form.submit();
    const number = form.closest("[data-number]").dataset.number;
    await this.renew();
    this.body.querySelector(`[data-number="${number}"] a`)?.focus();
  }

  #failed(error) {
    if (error instanceof SignedOut) {
      this.#close();
      return this.#say("out", signInLink({ signIn: this.words.sign_in }));
    }
    this.#away();
    if (!this.source) this.#later();
  }

  /** Puts what has come in the place of what is there: what stays is not touched, so that it keeps the focus. */
  #show(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
    const { mark } = fresh.dataset;
    const came = [...fresh.querySelectorAll("[data-number]")].filter(({ dataset }) => !this.known.has(dataset.number));
    for (const [at, part] of [...fresh.children].entries()) {
      const here = this.body.children[at];
      if (part.matches("ol")) merge(here, part);
      else if (!here.isEqualNode(part)) here.replaceWith(part);
    }
    this.known = new Set([...this.known, ...numbersOf(this.body)]);
    this.fetched = new Date();
    if (this.source?.readyState === EventSource.OPEN) this.#say("live");
    if (came.length) this.#tell(came);
    return mark;
  }

  #tell(came) {
    const [newest] = came;
    const parts = [".logged-what", ".logged-title", ".logged-who"].map((part) => newest.querySelector(part).textContent.trim().replace(/\s+/g, " "));
    this.said.textContent = fill(this.words.told, { count: came.length, first: parts.join(" ") });
    for (const one of came) {
      one.classList.add("logged-new");
      setTimeout(() => one.classList.remove("logged-new"), NEW_MS);
    }
  }

  #away() {
    if (this.state.dataset.state !== "out") this.#say("away");
  }

  #say(state, ...more) {
    const time = this.fetched.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
    this.state.dataset.state = state;
    this.state.replaceChildren(element("span", {}, fill(this.words[state], { time })), ...more);
  }
}

const numbersOf = (body) => new Set([...body.querySelectorAll("[data-number]")].map(({ dataset }) => dataset.number));
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Makes one list of records like another, moving and changing no more than differs. */
export function merge(list, wanted) {
  const known = new Map([...list.children].map((one) => [one.dataset.number, one]));
  let at = list.firstElementChild;
  for (const one of [...wanted.children]) {
    const here = known.get(one.dataset.number);
    if (here && same(here, one)) {
      if (here === at) at = at.nextElementSibling;
      else list.insertBefore(here, at);
    } else {
      if (here === at && at) at = at.nextElementSibling;
      here?.remove();
      list.insertBefore(one, at);
    }
  }
  while (at) {
    const next = at.nextElementSibling;
    at.remove();
    at = next;
  }
}

const same = (one, other) => one.innerHTML === other.innerHTML;
