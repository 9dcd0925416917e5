// A phone without a browser: its store, its outbox, and a server that loses what it is told to lose.
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { Database } from "../src/field/database.js";
import { sha256Of } from "../src/field/hashing.js";
import { openOutbox } from "../src/field/outbox.js";

/** An empty phone. */
export function wiped() {
  globalThis.indexedDB = new IDBFactory();
}

export const site = (note) => ({ layer: "sites", title: note, feature: { geometry: { type: "Point", coordinates: [101.8, 36.6] }, properties: { note }, captured: { datum: "wgs84" } } });

export const picture = (text, role = "far") => ({ blob: new Blob([text], { type: "image/jpeg" }), role });

export const answered = (status, content, headers = {}) => {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(content), { status, headers: { "content-type": type, ...headers } });
};

export const problem = (status, slug, detail = "…") => answered(status, { type: `/problems/${slug}`, title: slug, status, detail });

/** What the server of the contract does, for whatever `fate(path, n)` does not decide otherwise (n-th request to that path). */
export class Server {
  constructor(fate = () => null) {
    Object.assign(this, { fate, records: new Map(), photos: new Map(), asked: [], counts: new Map() });
  }

  send = async (path, { body, headers }) => {
    this.asked.push(path);
    const n = (this.counts.get(path) ?? 0) + 1;
    this.counts.set(path, n);
    const fate = await this.fate(path, n, headers);
    if (fate instanceof Response) return fate;
    if (fate === "lost") throw new TypeError("Failed to fetch");
    const answer = path.startsWith("/photos/") ? this.#photo(path, body) : this.#record(path, body);
    if (fate === "cut") throw new TypeError("Failed to fetch");
    return answer;
  };

  #record(path, body) {
    const [, , layer, , uuid] = path.split("/");
    const known = this.records.get(uuid);
    const sha256 = sha256Of(body);
    if (known && known.sha256 !== sha256) return problem(409, "record-other");
    const feature = JSON.parse(new TextDecoder().decode(body));
    const wanted = feature.photos.map((photo) => photo.sha256);
    this.records.set(uuid, { layer, sha256, feature, times: (known?.times ?? 0) + 1 });
    return answered(known ? 200 : 201, { uuid, layer, id: this.records.size, sha256, photos: { wanted, held: wanted.filter((hash) => this.photos.has(hash)) } });
  }

  #photo(path, body) {
    const sha256 = path.split("/")[2];
    if (sha256Of(body) !== sha256) return problem(409, "photo-other");
    this.photos.set(sha256, body.slice());
    return answered(201, { sha256, bytes: body.length });
  }
}

/** An outbox on this phone; pages and tabs are further ones with the same or another `Database`. */
export async function opened(server, options = {}) {
  return openOutbox({ owner: 7, app: "1", database: new Database(), send: server.send, firstMs: 4, locks: null, ...options });
}

/** Comes back when `condition` of the list holds. */
export async function until(outbox, condition) {
  for (let n = 0; n < 2000; n += 1) {
    const list = await outbox.list();
    if (condition(list)) return list;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it never came to that: ${JSON.stringify(await outbox.list())}`);
}

export const all = (state) => (list) => list.length > 0 && list.every((record) => record.state === state);
