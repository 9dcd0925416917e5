// What the app knows, and the one place that draws it. Screens read from here and never keep state of their own.
import { LANGUAGES, wordsFor } from "./words.js";

const LANGUAGE = "gridfield-language";
const LOOK = "gridfield-look";

export class App {
  /** `root` is filled by `view(app)` after every change; `config` is what the shell was given. */
  constructor(root, config) {
    Object.assign(this, { root, config });
    this.pack = null;
    this.packState = { at: null, trouble: null, reading: true };
    this.entries = [];
    this.sending = {};
    this.tiles = { kept: 0, all: 0, getting: false };
    this.installed = "waiting"; // or ready, insecure, unsupported, failed
    this.online = navigator.onLine;
    this.secure = window.isSecureContext;
    this.persisted = null;
    this.unfinished = [];
    this.patrol = null;
    this.patrolOwner = null;
    this.patrolState = null;
    this.toast = null;
    this.fault = null;
    this.update = false;
    this.setLanguage(asked() ?? stored(LANGUAGE) ?? "zh");
    this.setLook(stored(LOOK) ?? "auto");
  }

  get route() {
    return decodeURI(window.location.hash.replace(/^#\/?/, "")).split("/");
  }

  go(path, { replace = false } = {}) {
    const hash = `#/${path}`;
    if (replace) window.location.replace(hash);
    else window.location.hash = hash;
  }

  form(layer) {
    return this.pack?.forms.find((form) => form.layer === layer) ?? null;
  }

  /** What may be chosen for a field of a form. */
  choices(field) {
    if (field.matter) return this.pack.matters.map(({ code, label }) => ({ value: code, label }));
    return field.choices ?? [];
  }

  /** A label of the pack in the language of the app. */
  label(label) {
    return label?.[this.lang] ?? label?.zh ?? "";
  }

  setLanguage(lang) {
    this.lang = lang in LANGUAGES ? lang : "zh";
    this.words = wordsFor(this.lang);
    document.documentElement.lang = LANGUAGES[this.lang][1];
    keep(LANGUAGE, this.lang);
  }

  setLook(look) {
    this.look = look;
    document.documentElement.dataset.look = look;
    keep(LOOK, look);
  }

  get dark() {
    return this.look === "dark" || (this.look === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  }

  /** Says something for a few seconds, to the screen reader too. */
  say(text) {
    this.toast = text;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.change({ toast: null }), 5000);
    this.draw();
  }

  change(values) {
    Object.assign(this, values);
    this.draw();
  }

  /** Draws once for all changes of a moment. */
  draw() {
    this.drawing ??= Promise.resolve().then(() => {
      this.drawing = null;
      this.view?.(this);
    });
  }
}

const asked = () => new URLSearchParams(window.location.search).get("lang");

// A browser that forbids storage still runs the app; it only forgets these choices.
export function stored(key) {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    window.localStorage.setItem(key, value);
  } catch {
    // see `stored`
  }
}
