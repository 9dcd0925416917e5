// The app begins: what is kept on the phone first, the network afterwards.
import { render } from "lit-html";
import { App, keep, stored } from "./app.js";
import { begun, isWhole } from "./draft.js";
import { install, lookForUpdate, takeOver } from "./install.js";
import { FieldMap } from "./map.js";
import { openOutbox } from "./outbox.js";
import { forgetPack, freshPack, keptPack } from "./pack.js";
import { fieldAt } from "./position.js";
import { Recording } from "./recording.js";
import { casesScreen } from "./screens/cases.js";
import { nearList } from "./screens/near.js";
import { outboxScreen } from "./screens/outbox.js";
import { withPatrol } from "./screens/patrol.js";
import { placeScreen } from "./screens/place.js";
import { recordScreen } from "./screens/record.js";
import { settingsScreen } from "./screens/settings.js";
import { startScreen } from "./screens/start.js";
import { forgetTiles, keepTiles, keptTiles } from "./tiles.js";

const WATERMARK = "gridfield-watermark";
const UPDATE_MS = 3600_000; // how often a page that stays open asks for a newer version

class FieldApp extends App {
  recording = new Recording(this);
  maps = new Map();
  casesBy = "due";
  here = null;

  get watermark() {
    const chosen = stored(WATERMARK);
    return chosen === null ? Boolean(this.pack?.settings.photo.watermark) : chosen === "yes";
  }

  setWatermark(on) {
    keep(WATERMARK, on ? "yes" : "no");
    this.draw();
  }

  ask(question) {
    this.change({ question });
  }

  // ---- what is known beforehand -------------------------------------------------------------
  /** Takes a pack as what holds now; the records of from now on are this person's. */
  #know({ pack, at }) {
    this.outbox.owner = pack.me.id;
    this.change({ pack, packState: { at, trouble: null, reading: false } });
    withPatrol(this).catch(() => {}); // the outbox says when the phone keeps nothing
  }

  async readPack({ told = false } = {}) {
    this.change({ packState: { ...this.packState, reading: true } });
    try {
      this.#know(await freshPack());
      if (told) this.say(this.words.refreshed);
    } catch (error) {
      this.change({ packState: { ...this.packState, reading: false, trouble: error.trouble ?? "server" } });
      return;
    }
    await idle();
    await this.keepTiles();
  }

  async keepTiles() {
    const { tiles, me } = this.pack;
    this.change({ tiles: { ...(await keptTiles(tiles)), getting: true } });
    const tell = (found) => this.change({ tiles: { ...found, getting: true } });
    await keepTiles(tiles, `${me.id} ${me.division}`, tell).catch(() => null); // the network went: the rest comes the next time
    this.change({ tiles: { ...(await keptTiles(tiles)), getting: false } });
  }

  // ---- the record ---------------------------------------------------------------------------
  resume(draft) {
    this.recording.begin(this.form(draft.layer), draft);
    this.go(`new/${encodeURIComponent(draft.layer)}`);
  }

  /** Throws a draft away, once that was meant. */
  discard(draft) {
    const act = async () => {
      await this.recording.discard(draft);
      this.go("");
      await routed(this);
    };
    this.ask({ text: this.words.discardSure, yes: this.words.discard, act });
  }

  async save({ looked = false } = {}) {
    const { recording, words } = this;
    if (recording.near.length && !looked && isWhole(recording.missing)) {
      return this.ask({ text: words.near, rows: nearList(words, recording.near), yes: words.saveAnyway, act: () => this.save({ looked: true }) });
    }
    const saving = recording.save();
    this.draw();
    const outcome = await saving;
    if (outcome === "kept") {
      this.closeMaps();
      this.go("", { replace: true });
      this.say(words.saved);
    } else if (outcome === "incomplete") this.#showLacking();
    else if (outcome !== "busy") this.say(outcome === "full" ? words.full : words.saveFailed);
    this.draw();
  }

  #showLacking() {
    this.draw();
    setTimeout(() => document.querySelector("[data-lacking]")?.scrollIntoView({ block: "center" }), 60);
  }

  /** A refused record opened again as a form, where and with what it was; what is saved takes its place. */
  async mend(entry) {
    const form = this.form(entry.layer);
    if (!form) return;
    const { geometry, properties, captured, photos } = entry.feature;
    const [lon, lat] = geometry?.coordinates ?? [];
    this.recording.begin(form, {
      ...begun(this.outbox.newUuid(), form, Date.now()),
      owner: this.outbox.owner,
      replaces: entry.uuid,
      values: properties,
      photos: (await Promise.all(photos.map((photo) => this.#photoAgain(photo)))).filter(Boolean),
      hand: captured.position === "by_hand" ? { lon, lat } : null,
      measured: captured.measured && { ...captured.measured, at: Date.parse(captured.measured.at) },
      noFix: captured.no_fix ?? null,
      field: captured.field ?? null,
    });
    this.go(`new/${encodeURIComponent(entry.layer)}`);
  }

  async #photoAgain({ sha256, role, taken_at }) {
    const [blob, thumbnail] = await Promise.all([this.outbox.photo(sha256), this.outbox.photo(sha256, { small: true })]);
    return blob && { sha256, role, blob, thumbnail, taken_at, position: null, added_at: Date.parse(taken_at) || Date.now() };
  }

  // ---- maps ---------------------------------------------------------------------------------
  map(name) {
    if (!this.maps.has(name)) {
      const moved = (centre) => this.change({ pointed: { ...centre, field: fieldAt(this.pack.fields.features, centre) } });
      this.maps.set(name, new FieldMap(this, { still: name === "small", moved }));
    }
    return this.maps.get(name);
  }

  closeMaps() {
    for (const map of this.maps.values()) map.close();
    this.maps.clear();
    this.pointed = null;
  }

  usePointed() {
    this.recording.change({ hand: this.map("large").centre });
    window.history.back();
  }

  useMeasured() {
    this.recording.change({ hand: null, noFix: null, field: null });
    window.history.back();
  }

  sortCases(by) {
    this.change({ casesBy: by });
    if (by === "distance") navigator.geolocation?.getCurrentPosition(({ coords }) => this.change({ here: { lon: coords.longitude, lat: coords.latitude } }));
  }

  // ---- the outbox and the phone -------------------------------------------------------------
  async heard(summary) {
    this.change({ sending: summary ?? this.sending, entries: await this.outbox.list() });
  }

  async takeOut() {
    this.change({ takingOut: true });
    try {
      const file = await this.outbox.takeOut();
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `gridfield-outbox-${this.outbox.clock().at.slice(0, 16).replace(":", "")}.zip` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } finally {
      this.change({ takingOut: false });
    }
  }

  async measureStorage() {
    const { storage } = navigator;
    const [persisted, estimate] = await Promise.all([storage?.persisted?.() ?? null, storage?.estimate?.() ?? {}]);
    this.change({ persisted, used: estimate.usage });
  }

  async askPersist() {
    await navigator.storage.persist();
    await this.measureStorage();
  }

  /** Takes what is known of the district off the phone first; what is to be sent stays. */
  async signOut(event) {
    event.preventDefault();
    const form = event.target;
    await Promise.all([this.recording.keepNow(), forgetPack(), forgetTiles()]);
    form.submit();
  }

  async takeUpdate() {
    await this.recording.keepNow();
    await takeOver(this.config.scope);
  }
}

/** Once the phone has nothing else to do. */
const idle = () => new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));

// ---- routes ---------------------------------------------------------------------------------
const SCREENS = { outbox: outboxScreen, cases: casesScreen, settings: settingsScreen };
const WITHOUT_PACK = new Set(["outbox", "settings"]);

function view(app) {
  const [name, layer] = app.route;
  // A record that was left is still being looked for: what is shown stays until it is there.
  if (name === "new" && app.form(layer) && app.recording.form?.layer !== layer) return;
  render(screenOf(app)(app), app.root);
}

function screenOf(app) {
  const [name, layer] = app.route;
  if (!app.outbox) return startScreen;
  if (name in SCREENS && (app.pack || WITHOUT_PACK.has(name))) return SCREENS[name];
  if (name === "new" && app.form(layer)) return recordScreen;
  return name === "place" && app.recording.draft ? placeScreen : startScreen;
}

/** What a change of the address means: a record begins, or is left (and kept for later). */
async function routed(app) {
  const [name, layer] = app.route;
  const { recording } = app;
  const form = app.outbox ? app.form(layer) : null;
  if (name === "new" && form && recording.form?.layer !== layer) recording.begin(form, await recording.kept(layer));
  if (name !== "new" && name !== "place") await left(app);
  if (name !== "place") app.pointed = null;
  app.toast = name === "" ? app.toast : null;
  app.draw();
  if (name === "settings") await app.measureStorage();
}

/** Another screen begins at its top, for the eye and for a screen reader. */
async function moved(app) {
  await routed(app);
  document.querySelector("#content")?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

async function left(app) {
  if (!app.outbox) return;
  await app.recording.keepNow();
  app.recording.end();
  app.closeMaps();
  app.unfinished = app.pack ? await app.recording.unfinished() : [];
}

async function begin() {
  const root = document.getElementById("field");
  const app = new FieldApp(root, JSON.parse(document.getElementById("field-config").textContent));
  root.replaceChildren();
  app.view = view;
  app.draw();
  listen(app);
  const kept = await keptPack().catch(() => null);
  try {
    app.outbox = await openOutbox({ owner: kept?.pack.me.id ?? null, app: app.config.version, outdated: () => window.location.reload() });
  } catch (error) {
    return app.change({ fault: String(error?.message ?? error) });
  }
  app.outbox.subscribe((summary) => app.heard(summary));
  if (kept) app.change({ pack: kept.pack, packState: { ...app.packState, at: kept.at } });
  withPatrol(app).catch(() => {});
  await routed(app);
  app.root.dataset.ready = "";
  await app.readPack();
  await routed(app);
  await install(app.config, (told) => app.change(told), () => leave(app));
  setInterval(() => lookForUpdate(app.config.scope), UPDATE_MS);
}

function listen(app) {
  window.addEventListener("hashchange", () => moved(app));
  const network = () => app.change({ online: navigator.onLine });
  for (const event of ["online", "offline"]) window.addEventListener(event, network);
  window.addEventListener("online", () => app.outbox && app.readPack());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && app.recording.keepNow());
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => app.closeMaps() ?? app.draw());
}

/** Before a new version takes the page over: what is under the hand is kept, and is offered again afterwards. */
async function leave(app) {
  await app.recording.keepNow();
  return true;
}

begin();
