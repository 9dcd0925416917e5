// What the phone keeps of patrols, in a store of its own: the one that is going on, the positions that make no batch yet, and
// what waits to be sent, with its very bytes, until the server has given a receipt for them.
import { sha256Of } from "./hashing.js";

const STORE = ["patrols"];
const CURRENT = "current";
const WAITING = "send ";
const LAST = 99_999; // sorts an end behind all batches
const FULL = 24; // positions a batch: two minutes of walking

const key = (uuid, seq) => `${WAITING}${uuid} ${String(seq).padStart(5, "0")}`;
const waitingKeys = (uuid = "") => IDBKeyRange.bound(`${WAITING}${uuid}`, `${WAITING}${uuid}\uffff`);

export class PatrolLog {
  constructor(database) {
    this.database = database;
  }

  current() {
    return this.database.read(STORE, (tx) => tx.store.get(CURRENT));
  }

  /** What waits for the network, each patrol from its beginning to its end. */
  waiting() {
    return this.database.read(STORE, (tx) => tx.store.getAll(waitingKeys()));
  }

  /** Begins a patrol; `said` is what the server is told of it. */
  begin(uuid, owner, said) {
    return this.database.write(STORE, async (tx) => {
      await tx.store.put({ key: CURRENT, uuid, owner, said, seq: 0, metres: 0, points: 0, last: null, buffer: [], resumed: false });
      await tx.store.put(parcel(uuid, owner, 0, `/patrols/${uuid}`, said));
    });
  }

  /** Adds a position; the batch goes out when it is full. Undefined when no patrol is going on. */
  add(point, metres, offset) {
    return this.#change(async (tx, current) => {
      current.buffer.push(point);
      Object.assign(current, { last: point, points: current.points + 1, metres: current.metres + metres });
      if (current.buffer.length >= FULL) await closed(tx, current, offset);
    });
  }

  /** Sends off what there is. */
  flush(offset) {
    return this.#change((tx, current) => closed(tx, current, offset));
  }

  /** The same; nobody looked before what comes next. */
  interrupted(offset) {
    return this.#change(async (tx, current) => {
      await closed(tx, current, offset);
      current.resumed = current.points > 0;
    });
  }

  end(stopped_at, offset) {
    return this.#change(async (tx, current) => {
      await closed(tx, current, offset);
      const { uuid, owner, said, seq } = current;
      await tx.store.put(parcel(uuid, owner, LAST, `/patrols/${uuid}`, { ...said, clock_offset_s: offset, stopped_at, batches: seq }));
      await tx.store.delete(CURRENT);
    }, { keep: false });
  }

  received({ key: id }) {
    return this.database.write(STORE, (tx) => tx.store.delete(id));
  }

  /** The server does not want it: it stays, so that somebody can see that, and is not sent again by itself. */
  refused({ key: id }, reason) {
    return this.database.write(STORE, async (tx) => {
      const found = await tx.store.get(id);
      if (found) await tx.store.put({ ...found, refused: reason });
    });
  }

  /** Takes away what is left of a patrol on this phone. */
  forget(uuid) {
    return this.database.write(STORE, async (tx) => {
      await tx.store.delete(waitingKeys(`${uuid} `));
      if ((await tx.store.get(CURRENT))?.uuid === uuid) await tx.store.delete(CURRENT);
    });
  }

  #change(work, { keep = true } = {}) {
    return this.database.write(STORE, async (tx) => {
      const current = await tx.store.get(CURRENT);
      if (!current) return undefined;
      await work(tx, current);
      if (keep) await tx.store.put(current);
      return current;
    });
  }
}

async function closed(tx, current, offset) {
  if (!current.buffer.length) return;
  current.seq += 1;
  const { uuid, owner, seq, buffer, resumed } = current;
  const said = { datum: "wgs84", resumed, clock_offset_s: offset, points: buffer };
  await tx.store.put(parcel(uuid, owner, seq, `/patrols/${uuid}/points/${seq}`, said));
  Object.assign(current, { buffer: [], resumed: false });
}

function parcel(uuid, owner, seq, path, said) {
  const body = JSON.stringify(said);
  return { key: key(uuid, seq), uuid, owner, path, body, sha256: sha256Of(new TextEncoder().encode(body)), points: said.points?.length ?? 0 };
}
