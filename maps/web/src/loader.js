// The page's end of the tile worker.
import { tileBytes } from "./fetch-tile.js";
import { SignedOut } from "./requests.js";

export class Loader {
  constructor(workerUrl) {
    this.waiting = new Map();
    this.last = 0;
    this.up = false; // until the worker runs, the page fetches: the first tiles come while it starts
    this.worker = new Worker(workerUrl);
    this.worker.addEventListener("message", ({ data }) => this.#settle(data));
    this.worker.addEventListener("error", () => this.#giveUp());
  }

  /** The decoded tile at `url`; rejects when it cannot be had, never settles once `signal` aborts. */
  load(url, signal) {
    const id = ++this.last;
    if (this.up) this.worker.postMessage({ id, url: new URL(url, document.baseURI).href });
    else this.#fetch(id, url, signal);
    signal.addEventListener("abort", () => this.#cancel(id), { once: true });
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  /** Fetches on the page; decoding is the worker's in any case. */
  async #fetch(id, url, signal) {
    try {
      const bytes = await tileBytes(url, signal);
      this.worker.postMessage({ id, bytes }, [bytes]);
    } catch (error) {
      if (!signal.aborted) this.#settle({ id, error: String(error), status: error.status });
    }
  }

  #settle({ up, id, tile, error, status }) {
    if (up) return (this.up = true);
    const request = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) request?.reject(status ? new SignedOut(status) : new Error(error));
    else request?.resolve(tile);
  }

  #cancel(id) {
    if (this.waiting.delete(id)) this.worker.postMessage({ id });
  }

  #giveUp() {
    for (const { reject } of this.waiting.values()) reject(new Error("the tile worker stopped"));
    this.waiting.clear();
  }
}
