// The records and photos as they are kept, and every step that one of them takes. Two tabs may take the same step: what the
// server has given a receipt for stays received, whatever else is said of it later.
import { isFull } from "./database.js";
import { sha256Of } from "./hashing.js";

const FORM = 1; // of a row: what a later version would have to read otherwise has a higher number
const RECEIVED = "received";
const PHOTO_STORES = ["photos", "bytes", "thumbnails"];
const RECORD_STORES = ["records", ...PHOTO_STORES, "drafts"];
const DAY_MS = 24 * 3600 * 1000;
/** How long what the server has stays to be looked at: the pictures, unless their room is needed, and the rest. */
export const KEPT_MS = { pictures: 3 * DAY_MS, records: 30 * DAY_MS };

export class Full extends Error {
  constructor(cause) {
    super("the phone's storage is full");
    Object.assign(this, { reason: "full", cause });
  }
}

export class Ledger {
  constructor(database) {
    this.database = database;
  }

  /**
   * Keeps a record with the bytes of its photos, all or nothing; `draft` names the draft that it was made of.
   * The same record once more changes nothing; Full when the phone has no room, and then nothing is kept.
   */
  keep(row, photos, draft = null) {
    return this.#withRoom(() =>
      this.database.write(RECORD_STORES, async (transaction) => {
        const found = await transaction.objectStore("records").get(row.uuid);
        if (!found) await placed(transaction, row, photos);
        if (draft !== null) await transaction.objectStore("drafts").delete(draft);
      }),
    );
  }

  keepDraft(name, value) {
    return this.#withRoom(() => this.database.write(["drafts"], (transaction) => transaction.store.put(value, name)));
  }

  draft(name) {
    return this.database.read(["drafts"], (transaction) => transaction.store.get(name));
  }

  dropDraft(name) {
    return this.database.write(["drafts"], (transaction) => transaction.store.delete(name));
  }

  /** What the server has already makes room for what it does not have yet. */
  async #withRoom(store) {
    try {
      await store();
    } catch (error) {
      if (!isFull(error)) throw error;
      await this.release(Infinity);
      await store().catch((again) => {
        throw isFull(again) ? new Full(again) : again;
      });
    }
  }

  record(uuid) {
    return this.database.read(["records"], (transaction) => transaction.objectStore("records").get(uuid));
  }

  photo(sha256) {
    return this.database.read(["photos"], (transaction) => transaction.objectStore("photos").get(sha256));
  }

  /** The bytes of a photo as they are sent, null when they are not here (any more). */
  async bytes(sha256, store = "bytes") {
    const found = await this.database.read([store], (transaction) => transaction.objectStore(store).get(sha256));
    return found ? new Uint8Array(found) : null;
  }

  /** All records and, by their hash, all photos. */
  all() {
    return this.database.read(["records", "photos"], async (transaction) => {
      const [records, photos] = await Promise.all(["records", "photos"].map((name) => transaction.objectStore(name).getAll()));
      return { records, photos: new Map(photos.map((photo) => [photo.sha256, photo])) };
    });
  }

  /** How many records are in each state. */
  counts() {
    return this.database.read(["records"], async (transaction) => {
      const [waiting, refused, received] = await Promise.all(["kept", "refused", RECEIVED].map((state) => transaction.store.index("state").count(state)));
      return { waiting, refused, received };
    });
  }

  /** What is not settled yet: fewest failures first, then the oldest. */
  async waiting() {
    const rows = await this.database.read(["records"], (transaction) => transaction.store.index("state").getAll("kept"));
    const found = rows.map(({ uuid, owner, attempts, added_at }) => ({ uuid, owner, attempts, added_at }));
    return found.sort((a, b) => a.attempts - b.attempts || (a.added_at + a.uuid < b.added_at + b.uuid ? -1 : 1));
  }

  /** The server has the record; of its photos, those that it says it holds need not be sent. */
  recordReceived(uuid, receipt) {
    return this.database.write(["records", "photos"], async (transaction) => {
      const records = transaction.objectStore("records");
      const row = await records.get(uuid);
      if (!row) return;
      await records.put({ ...row, receipt, state: "kept", reason: null });
      const held = new Set(receipt.photos?.held ?? []);
      for (const { sha256 } of row.photos) await this.#held(transaction, sha256, held.has(sha256));
    });
  }

  /** One that an earlier receipt was for and that the server has no longer is sent again, as long as it is here. */
  async #held(transaction, sha256, held) {
    const photos = transaction.objectStore("photos");
    const photo = await photos.get(sha256);
    if (held) await photos.put({ ...photo, state: RECEIVED, reason: null, receipt: photo.receipt ?? { sha256 } });
    else if (photo.state === RECEIVED && !photo.released) await photos.put({ ...photo, state: "kept" });
  }

  recordRefused(uuid, reason) {
    return this.#change("records", uuid, (row) => (row.receipt ? row : { ...row, state: "refused", reason }));
  }

  photoReceived(sha256, receipt) {
    return this.#change("photos", sha256, (photo) => ({ ...photo, state: RECEIVED, reason: null, receipt }));
  }

  photoRefused(sha256, reason) {
    return this.#change("photos", sha256, (photo) => (photo.state === RECEIVED ? photo : { ...photo, state: "refused", reason }));
  }

  /** It will be tried again; why it did not go this time. */
  postponed(uuid, reason) {
    return this.#change("records", uuid, (row) => (row.state === "kept" ? { ...row, reason, attempts: row.attempts + 1 } : row));
  }

  /** When everything of a record has its answer: received whole, or refused in part. */
  settle(uuid, at) {
    return this.database.write(["records", "photos"], async (transaction) => {
      const records = transaction.objectStore("records");
      const row = await records.get(uuid);
      if (!row?.receipt) return;
      const photos = await Promise.all(row.photos.map(({ sha256 }) => transaction.objectStore("photos").get(sha256)));
      if (photos.some(({ state }) => state === "kept")) return;
      const refused = photos.find(({ state }) => state === "refused");
      const [state, reason] = refused ? ["refused", refused.reason] : [RECEIVED, null];
      await records.put({ ...row, state, reason, settled_at: at });
    });
  }

  /** Has a refused record, and what of its photos was refused, sent once more. */
  again(uuid) {
    return this.database.write(["records", "photos"], async (transaction) => {
      const [records, photos] = ["records", "photos"].map((name) => transaction.objectStore(name));
      const row = await records.get(uuid);
      if (row?.state !== "refused") return;
      await records.put({ ...row, state: "kept", reason: null, attempts: 0 });
      for (const { sha256 } of row.photos) {
        const photo = await photos.get(sha256);
        if (photo.state === "refused") await photos.put({ ...photo, state: "kept", reason: null });
      }
    });
  }

  /** Forgets a record if `may(row)`; of its photos those that no other record has. Whether it did. */
  drop(uuid, may) {
    return this.database.write(["records", ...PHOTO_STORES], (transaction) => dropped(transaction, uuid, may));
  }

  /** Puts another record in the place of a refused one, in one go and once; an Error when it is not refused. */
  replace(uuid, row, photos, draft = null) {
    return this.#withRoom(() =>
      this.database.write(RECORD_STORES, async (transaction) => {
        if (!(await transaction.objectStore("records").get(row.uuid))) {
          // First the new one: photos that both have stay.
          await placed(transaction, row, photos);
          const gone = await dropped(transaction, uuid, ({ state, receipt }) => state === "refused" && !receipt);
          if (!gone) throw new Error(`${uuid} is not refused`);
        }
        if (draft !== null) await transaction.objectStore("drafts").delete(draft);
      }),
    );
  }

  takenOut(uuids, at) {
    return this.database.write(["records"], async (transaction) => {
      for (const uuid of uuids) {
        const row = await transaction.store.get(uuid);
        if (row) await transaction.store.put({ ...row, taken_out_at: at });
      }
    });
  }

  /** Lets go of the bytes of photos that the server has, if their records were settled before `before` (ms). */
  async release(before) {
    const { records, photos } = await this.all();
    const kept = new Set(records.filter((row) => row.state !== RECEIVED || Date.parse(row.settled_at) > before).flatMap((row) => row.photos.map(({ sha256 }) => sha256)));
    const free = [...photos.values()].filter((photo) => photo.state === RECEIVED && !photo.released && !kept.has(photo.sha256));
    if (!free.length) return;
    await this.database.write(["photos", "bytes"], async (transaction) => {
      for (const { sha256 } of free) {
        await transaction.objectStore("bytes").delete(sha256);
        const photo = await transaction.objectStore("photos").get(sha256);
        if (photo) await transaction.objectStore("photos").put({ ...photo, released: true });
      }
    });
  }

  /** Forgets what the server has whole and that was settled before `before` (ms). */
  forget(before) {
    const old = (row) => row.state === RECEIVED && Date.parse(row.settled_at) < before;
    return this.database.write(["records", ...PHOTO_STORES], async (transaction) => {
      for (const { uuid } of (await transaction.objectStore("records").getAll()).filter(old)) await transaction.objectStore("records").delete(uuid);
      await cleared(transaction);
    });
  }

  #change(store, key, changed) {
    return this.database.write([store], async (transaction) => {
      const row = await transaction.store.get(key);
      if (row) await transaction.store.put(changed(row));
    });
  }
}

/** A new row. The body is text once and for all: what is sent again must be the same bytes. */
export function newRow({ uuid, owner, layer, title, feature, added_at }) {
  const body = JSON.stringify(feature, (_, value) => (typeof value === "string" ? whole(value) : value));
  const sha256 = sha256Of(new TextEncoder().encode(body));
  const photos = feature.photos.map(({ sha256: hash, role, taken_at }) => ({ sha256: hash, role, taken_at }));
  return { uuid, form: FORM, owner, layer, title, added_at, body, sha256, photos, state: "kept", reason: null, receipt: null, attempts: 0, settled_at: null, taken_out_at: null };
}

/** A text without halves of characters, which a keyboard may leave and no database takes. */
const whole = (text) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));

async function placed(transaction, row, photos) {
  for (const { bytes, thumbnail, ...photo } of photos) {
    const known = await transaction.objectStore("photos").get(photo.sha256);
    if (known && !known.released && known.state !== "refused") continue;
    await transaction.objectStore("bytes").put(bytes.buffer, photo.sha256);
    if (thumbnail) await transaction.objectStore("thumbnails").put(thumbnail.buffer, photo.sha256);
    await transaction.objectStore("photos").put({ ...photo, state: "kept", reason: null, receipt: null, released: false });
  }
  await transaction.objectStore("records").add(row);
}

async function dropped(transaction, uuid, may) {
  const records = transaction.objectStore("records");
  const row = await records.get(uuid);
  if (!row || !may(row)) return false;
  await records.delete(uuid);
  await cleared(transaction);
  return true;
}

/** Lets go of the photos that no record has any more. */
async function cleared(transaction) {
  const rows = await transaction.objectStore("records").getAll();
  const named = new Set(rows.flatMap(({ photos }) => photos.map(({ sha256 }) => sha256)));
  for (const sha256 of await transaction.objectStore("photos").getAllKeys()) {
    if (named.has(sha256)) continue;
    for (const name of PHOTO_STORES) await transaction.objectStore(name).delete(sha256);
  }
}
