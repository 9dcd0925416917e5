import assert from "node:assert/strict";
import test from "node:test";
import { SignedOut } from "../src/requests.js";
import { Store } from "../src/store.js";

const ADDRESS = { z: 14, x: 3, y: 5 };
const settled = () => new Promise((resolve) => setTimeout(resolve));

class FakeLoader {
  constructor() {
    this.requests = [];
  }
  load(url, signal) {
    return new Promise((resolve, reject) => this.requests.push({ url, signal, resolve, reject }));
  }
}

function storeWith() {
  const loader = new FakeLoader();
  return { loader, store: new Store("/t/{z}/{y}/{x}?c=a", loader, () => {}) };
}

test("two surfaces share one request, and a later one gets the tile at once", async () => {
  const { loader, store } = storeWith();
  const got = [];
  store.acquire(ADDRESS, (tile) => got.push(["ground", tile]));
  store.acquire(ADDRESS, (tile) => got.push(["points", tile]));
  assert.deepEqual(loader.requests.map(({ url }) => url), ["/t/14/5/3?c=a"]);
  loader.requests[0].resolve("tile");
  await settled();
  store.acquire(ADDRESS, (tile) => got.push(["later", tile]));
  assert.deepEqual(got, [["ground", "tile"], ["points", "tile"], ["later", "tile"]]);
});

test("a tile nobody waits for any more is aborted", () => {
  const { loader, store } = storeWith();
  const [first, second] = [store.acquire(ADDRESS, () => {}), store.acquire(ADDRESS, () => {})];
  first();
  assert.equal(loader.requests[0].signal.aborted, false);
  second();
  assert.equal(loader.requests[0].signal.aborted, true);
  assert.deepEqual(store.status, { loading: 0, failed: 0, shut: null });
});

test("a failed tile is counted, fetched again on retry and then handed out", async () => {
  const { loader, store } = storeWith();
  const got = [];
  store.acquire(ADDRESS, (tile) => got.push(tile));
  loader.requests[0].reject(new Error("gone"));
  await settled();
  assert.deepEqual(store.status, { loading: 0, failed: 1, shut: null });
  store.retry();
  loader.requests[1].resolve("tile");
  await settled();
  assert.deepEqual([got, store.status], [["tile"], { loading: 0, failed: 0, shut: null }]);
});

test("tiles left behind are kept for the way back, but not without end", async () => {
  const { loader, store } = storeWith();
  for (let x = 0; x < 60; x++) {
    const release = store.acquire({ z: 14, x, y: 0 }, () => {});
    loader.requests.at(-1).resolve("tile");
    await settled();
    release();
  }
  store.acquire({ z: 14, x: 59, y: 0 }, () => {});
  assert.equal(loader.requests.length, 60);
  store.acquire({ z: 14, x: 0, y: 0 }, () => {});
  assert.equal(loader.requests.length, 61);
});

test("that nobody is signed in any more is told until a tile comes again", async () => {
  const { loader, store } = storeWith();
  store.acquire(ADDRESS, () => {});
  const refusal = new SignedOut(401);
  loader.requests[0].reject(refusal);
  await settled();
  assert.deepEqual(store.status, { loading: 0, failed: 1, shut: refusal });
  store.retry();
  loader.requests[1].resolve("tile");
  await settled();
  assert.deepEqual(store.status, { loading: 0, failed: 0, shut: null });
});

test("tiles in use stay until those from other addresses have come, the others are dropped", async () => {
  const asked = [];
  const loader = { load: async (url) => (asked.push(url), { url }) };
  const store = new Store("/a/{z}/{x}/{y}", loader, () => {});
  const drawn = [];
  store.acquire({ z: 1, x: 2, y: 3 }, ({ url }) => drawn.push(url));
  const leave = store.acquire({ z: 1, x: 0, y: 0 }, () => {});
  await new Promise((done) => setTimeout(done));
  leave();
  store.turn("/b/{z}/{x}/{y}");
  assert.deepEqual(drawn, ["/a/1/2/3"]);
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(drawn, ["/a/1/2/3", "/b/1/2/3"]);
  assert.deepEqual(asked, ["/a/1/2/3", "/a/1/0/0", "/b/1/2/3"]);
});
