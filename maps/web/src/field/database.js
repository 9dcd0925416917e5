// The phone's own store (IndexedDB). What is in it is all that there is of a record until the server has given a receipt, so
// every write is flushed to the disk before it counts, and a later version of the app still reads what an earlier one kept.
import { openDB } from "idb";

export const NAME = "gridfield-field";

/**
 * What makes version n+1 out of version n. Steps are only ever added, and only add: after an update was taken back, the
 * version before has to read what the later one kept.
 */
export const STEPS = [
  (db) => {
    db.createObjectStore("records", { keyPath: "uuid" }).createIndex("state", "state");
    db.createObjectStore("photos", { keyPath: "sha256" });
    db.createObjectStore("patrols", { keyPath: "key" });
    for (const name of ["bytes", "thumbnails", "drafts", "facts"]) db.createObjectStore(name);
  },
];

// What a dying connection says: the system has closed it, or (WebKit after a night in the background) it has lost its server.
const DEAD = new Set(["InvalidStateError", "UnknownError", "AbortError"]);

export class Database {
  #opening = null;

  /** `blocked` is called when a later version of the app, in another tab, waits for this one to let go. */
  constructor({ name = NAME, steps = STEPS, outdated = () => {} } = {}) {
    Object.assign(this, { name, steps, outdated });
  }

  /** Runs `work(transaction)` in one transaction: when this resolves, all of it is on the disk, when it rejects, nothing. */
  write(stores, work) {
    return this.#within(stores, "readwrite", work);
  }

  read(stores, work) {
    return this.#within(stores, "readonly", work);
  }

  async close() {
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.close();
  }

  async #within(stores, mode, work) {
    try {
      return await this.#once(stores, mode, work);
    } catch (error) {
      if (!DEAD.has(error.name)) throw error;
      await this.close();
      return this.#once(stores, mode, work);
    }
  }

  async #once(stores, mode, work) {
    const db = await this.#open();
    const transaction = db.transaction(stores, mode, { durability: "strict" });
    // Asked for at once: a transaction that fails while `work` waits would else be an error that nobody handles.
    const done = transaction.done.then(() => null, (error) => error ?? new DOMException("", "AbortError"));
    let result;
    try {
      result = await work(transaction);
    } catch (error) {
      aborted(transaction);
      // What broke the transaction says more than the request that it took along.
      const broken = await done;
      throw isFull(broken) ? broken : error;
    }
    const failure = await done;
    if (failure) throw failure;
    return result;
  }

  #open() {
    this.#opening ??= this.#opened().catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #opened() {
    try {
      return await this.#openAt(this.steps.length);
    } catch (error) {
      // A later version of the app was here; its steps have only added.
      if (error.name !== "VersionError") throw error;
      return this.#openAt(undefined);
    }
  }

  #openAt(version) {
    return openDB(this.name, version, {
      upgrade: (db, before, after) => {
        for (const step of this.steps.slice(before, after)) step(db);
      },
      blocking: () => {
        this.close();
        this.outdated();
      },
      terminated: () => {
        this.#opening = null;
      },
    });
  }
}

export const isFull = (error) => error?.name === "QuotaExceededError";

function aborted(transaction) {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
