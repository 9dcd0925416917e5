// The decoded tiles of a map: each fetched once, shared by whoever draws from it.
import { SignedOut } from "./requests.js";

const KEPT = 48; // tiles nobody draws any more, for the way back

export class Store {
  /** `onStatus` is told whenever the counts of loading or failed tiles change. */
  constructor(template, loader, onStatus) {
    this.template = template;
    this.loader = loader;
    this.onStatus = onStatus;
    this.entries = new Map();
  }

  /** Calls `ready(tile)` once the tile is there (perhaps at once); returns what releases it. */
  acquire({ z, x, y }, ready) {
    const key = `${z}/${x}/${y}`;
    const entry = this.entries.get(key) ?? this.#open(key, { z, x, y });
    entry.users.add(ready);
    if (entry.tile) ready(entry.tile);
    return () => this.#release(key, entry, ready);
  }

  get status() {
    const entries = [...this.entries.values()];
    return {
      loading: entries.filter((entry) => entry.abort).length,
      failed: entries.filter((entry) => entry.failed).length,
      shut: entries.find((entry) => entry.shut)?.shut ?? null,
    };
  }

  retry() {
    for (const entry of this.entries.values()) if (entry.failed) this.#fetch(entry);
  }

  /** Takes all tiles from other addresses; those in use stay as they are until the new ones come. */
  turn(template) {
    this.template = template;
    for (const [key, entry] of [...this.entries]) {
      if (!entry.users.size) this.entries.delete(key);
      else this.#again(entry);
    }
  }

  #again(entry) {
    entry.abort?.abort();
    entry.url = this.#address(entry.at);
    this.#fetch(entry);
  }

  #address(at) {
    return this.template.replace(/\{([zxy])\}/g, (_, name) => at[name]);
  }

  #open(key, at) {
    const entry = { at, url: this.#address(at), users: new Set(), tile: null, abort: null, failed: false, shut: null };
    this.entries.set(key, entry);
    this.#fetch(entry);
    return entry;
  }

  async #fetch(entry) {
    const abort = new AbortController();
    Object.assign(entry, { abort, failed: false, shut: null });
    this.onStatus();
    try {
      entry.tile = await this.loader.load(entry.url, abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      Object.assign(entry, { failed: true, shut: error instanceof SignedOut ? error : null });
    }
    entry.abort = null;
    if (entry.tile) for (const ready of entry.users) ready(entry.tile);
    this.onStatus();
  }

  #release(key, entry, ready) {
    entry.users.delete(ready);
    if (entry.users.size) return;
    entry.abort?.abort();
    this.entries.delete(key);
    if (entry.tile) this.#keep(key, entry);
    this.onStatus();
  }

  #keep(key, entry) {
    this.entries.set(key, entry); // at the end: the map's order is the order of leaving
    const idle = [...this.entries].filter(([, { users }]) => !users.size);
    for (const [old] of idle.slice(0, Math.max(0, idle.length - KEPT))) this.entries.delete(old);
  }
}
