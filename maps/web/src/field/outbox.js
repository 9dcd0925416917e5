// The outbox: what was logged on this phone, and how far each of it has come. The screens know only this module.
import { Clock } from "./clock.js";
import { Database } from "./database.js";
import { newUuid } from "./hashing.js";
import { KEPT_MS, Ledger, newRow } from "./ledger.js";
import { ready } from "./pictures.js";
import { Sender } from "./sending.js";
import { takeOut } from "./takeout.js";

const CHANNEL = "gridfield-outbox";
const TELL_MS = 60; // a burst of changes is told once
const SILENCE_MS = 60_000;
const REMEMBER_MS = 60_000;

/**
 * Opens the outbox of this phone and begins to send what waits in it. `owner` is the account whose records are logged from
 * now on, `app` the version of the app; `outdated` is called when a later version, in another tab, waits for this page to be
 * loaded again. The rest is for tests.
 */
export async function openOutbox({ owner = null, app = null, outdated, database = new Database({ outdated }), ...sending } = {}) {
  const ledger = new Ledger(database);
  const facts = await database.read(["facts"], async ({ store }) => ({ clock: await store.get("clock"), device: await store.get("device") }));
  const clock = new Clock({ stored: facts.clock ?? null });
  const outbox = new Outbox(ledger, { owner, app, clock, device: facts.device ?? (await named(database)), sending });
  await ledger.forget(Date.now() - KEPT_MS.records);
  await ledger.release(Date.now() - KEPT_MS.pictures);
  return outbox.start();
}

class Outbox {
  #listeners = new Set();
  #telling = 0;
  #remembered = 0;
  #closed = false;
  #others = { sending: [], until: 0 };

  constructor(ledger, { owner, app, clock, device, sending }) {
    Object.assign(this, { ledger, owner, app, device });
    this.timepiece = clock;
    this.sender = new Sender(ledger, { clock, told: () => this.#told(), ...sending });
    this.channel = new BroadcastChannel(CHANNEL);
    this.bell = { online: () => this.sender.refresh(), visibilitychange: () => document.visibilityState === "visible" && this.sender.refresh() };
  }

  start() {
    this.channel.onmessage = ({ data }) => this.#heard(data);
    globalThis.addEventListener?.("online", this.bell.online);
    globalThis.document?.addEventListener("visibilitychange", this.bell.visibilitychange);
    // Else a phone that runs out of room may take all of it away. Asked for where it is offered: over https.
    globalThis.navigator?.storage?.persist?.().catch(() => {});
    this.sender.wake();
    return this;
  }

  /** Ends this page's part in it; what is kept stays. */
  async close() {
    this.#closed = true;
    this.sender.stop();
    this.channel.close();
    globalThis.removeEventListener?.("online", this.bell.online);
    globalThis.document?.removeEventListener("visibilitychange", this.bell.visibilitychange);
    await this.ledger.database.close();
  }

  /** An identifier for a form that is being opened: what is kept under it twice is one record. */
  newUuid() {
    return newUuid();
  }

  /** The phone's time, and by how much it is ahead of the server's. */
  clock() {
    return { at: this.timepiece.at(), clock_offset_s: this.timepiece.offset() };
  }

  /**
   * Keeps a record of `{ layer, feature: { geometry, properties, captured }, title, uuid }` and its photos (as
   * `pictures.prepare` gives them, each with its `role`), and begins to send it. When this resolves, with the uuid, it is on the
   * disk; when it rejects, nothing of it is (`reason` is "full" when there was no room), and the form has to stay.
   */
  async add(record, photos = [], { draft = null } = {}) {
    const [row, kept] = await this.#made(record, photos);
    await this.ledger.keep(row, kept, draft);
    this.#changed();
    return row.uuid;
  }

  /**
   * Puts a corrected record in the place of one that the server has refused; its uuid, which is another one. Once more with
   * the same changes nothing.
   */
  async revise(uuid, record, photos = [], { draft = null } = {}) {
    const fresh = record.uuid && record.uuid !== uuid ? record.uuid : newUuid();
    const [row, kept] = await this.#made({ ...record, uuid: fresh }, photos);
    await this.ledger.replace(uuid, row, kept, draft);
    this.#changed();
    return row.uuid;
  }

  /** Everything logged on this phone, newest first. */
  async list() {
    const { records, photos } = await this.ledger.all();
    return records.map((row) => this.#shown(row, photos)).sort(newestFirst);
  }

  /** Calls `listener` with a summary now and after every change; gives back how to end that. */
  subscribe(listener) {
    this.#listeners.add(listener);
    this.#told();
    return () => this.#listeners.delete(listener);
  }

  /** A photo as it is sent, or its small copy; null when it is no longer on this phone. */
  async photo(sha256, { small = false } = {}) {
    const [bytes, about] = await Promise.all([this.ledger.bytes(sha256, small ? "thumbnails" : "bytes"), this.ledger.photo(sha256)]);
    return bytes && new Blob([bytes], { type: small ? "image/jpeg" : about.type });
  }

  sendNow() {
    return this.sender.refresh();
  }

  /** Sends a refused record once more, as it is. */
  async retry(uuid) {
    await this.ledger.again(uuid);
    this.#changed();
  }

  /** Forgets a record that the server has whole, or a refused one that was taken out before. Whether it did. */
  async remove(uuid) {
    const gone = await this.ledger.drop(uuid, ({ state, taken_out_at }) => state === "received" || (state === "refused" && taken_out_at !== null));
    this.#told();
    return gone;
  }

  /** All of the outbox as one file (a Blob), which `gridfield import --outbox` reads. */
  async takeOut() {
    const file = await takeOut(this.ledger, { at: this.timepiece.at(), device: this.device, app: this.app });
    this.#told();
    return file;
  }

  keepDraft(name, value) {
    return this.ledger.keepDraft(name, value);
  }

  draft(name) {
    return this.ledger.draft(name);
  }

  dropDraft(name) {
    return this.ledger.dropDraft(name);
  }

  async #made({ uuid = newUuid(), layer, title = "", feature }, photos) {
    const all = await Promise.all(photos.map(ready));
    // The same picture twice is one: the server takes no other.
    const kept = all.filter(({ sha256 }, n) => all.findIndex((photo) => photo.sha256 === sha256) === n);
    const { geometry = null, properties, captured = {} } = feature;
    const told = { ...this.#circumstances(), ...captured };
    const sent = { type: "Feature", geometry, properties, captured: told, photos: kept.map(({ sha256, role, taken_at }) => ({ sha256, role, taken_at })) };
    const row = newRow({ uuid, owner: this.owner, layer, title, feature: sent, added_at: new Date().toISOString() });
    return [row, kept];
  }

  #circumstances() {
    const { at, clock_offset_s } = this.clock();
    return { at, clock_offset_s, device: this.device, app: this.app };
  }

  #shown(row, photos) {
    const { uuid, layer, title, added_at, owner, receipt, reason, taken_out_at } = row;
    const sending = row.state === "kept" && (this.sender.current.has(uuid) || this.#elsewhere().includes(uuid));
    return {
      ...{ uuid, layer, title, added_at, owner, receipt, reason, taken_out_at },
      mine: owner === this.owner,
      state: sending ? "sending" : row.state,
      feature: JSON.parse(row.body),
      photos: row.photos.map(({ sha256, role }) => ({ sha256, role, state: photos.get(sha256).state, reason: photos.get(sha256).reason })),
    };
  }

  async #summary() {
    const [counts, waiting] = await Promise.all([this.ledger.counts(), this.ledger.waiting()]);
    const others = waiting.filter(({ owner }) => owner !== this.owner).length;
    const sending = new Set([...this.sender.current, ...this.#elsewhere()]).size;
    return { ...counts, others, sending, ...this.sender.state };
  }

  #changed() {
    this.#told();
    this.sender.refresh();
  }

  #heard({ sending }) {
    this.#others = { sending, until: Date.now() + SILENCE_MS };
    this.#told({ silent: true });
  }

  /** What other tabs are sending; a tab that was killed does not say that it has stopped. */
  #elsewhere() {
    return Date.now() < this.#others.until ? this.#others.sending : [];
  }

  /** Tells the screens, and unless `silent` the other tabs. */
  #told({ silent = false } = {}) {
    if (this.#closed) return;
    if (!silent) this.channel.postMessage({ sending: [...this.sender.current] });
    this.#telling ||= setTimeout(() => this.#tell(), TELL_MS);
  }

  async #tell() {
    this.#telling = 0;
    try {
      await this.#remember();
      const summary = this.#listeners.size ? await this.#summary() : null;
      for (const listener of this.#listeners) listener(summary);
    } catch {
      // The store is closing; the next change tells again.
    }
  }

  async #remember() {
    const kept = this.timepiece.kept();
    if (kept === null || Math.abs(kept.wall - this.#remembered) < REMEMBER_MS) return;
    this.#remembered = kept.wall;
    await this.ledger.database.write(["facts"], ({ store }) => store.put(kept, "clock"));
  }
}

/** Identifiers begin with the time too, and count on within a millisecond. */
function newestFirst(a, b) {
  return a.added_at + a.uuid < b.added_at + b.uuid ? 1 : -1;
}

/** A name of this phone's own: two phones of one person are told apart, and neither says whose it is. */
function named(database) {
  const name = newUuid().slice(-8);
  return database.write(["facts"], async ({ store }) => {
    const found = await store.get("device");
    if (!found) await store.put(name, "device");
    return found ?? name;
  });
}
