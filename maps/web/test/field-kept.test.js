import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { strFromU8, unzipSync } from "fflate";
import { Clock } from "../src/field/clock.js";
import { Database, STEPS } from "../src/field/database.js";
import { sha256Of } from "../src/field/hashing.js";
import { inTurn } from "../src/field/turns.js";
import { all, opened, picture, Server, site, until, wiped } from "./phone.js";

beforeEach(wiped);

const LATER = [...STEPS, (db) => db.createObjectStore("news")];

test("an update in the middle of the queue finds what was kept, and so does the version before once it is back", async () => {
  const server = new Server(() => "lost");
  const before = await opened(server, { firstMs: 60_000 });
  const uuid = await before.add(site("a"), [picture("one")]);
  await before.close();
  const after = await opened(server, { database: new Database({ steps: LATER }), firstMs: 60_000 });
  await after.ledger.database.write(["news"], ({ store }) => store.put(1, "x"));
  assert.deepEqual((await after.list()).map((record) => record.uuid), [uuid]);
  await after.close();
  const back = await opened(new Server());
  await back.add(site("b"));
  assert.equal((await until(back, all("received"))).length, 2);
  await back.close();
});

test("a page of the version before lets go, so that the update need not wait, and goes on", async () => {
  let outdated = 0;
  const old = new Database({ outdated: () => (outdated += 1) });
  await old.write(["drafts"], ({ store }) => store.put("mine", "a"));
  const fresh = new Database({ steps: LATER });
  assert.equal(await fresh.read(["drafts"], ({ store }) => store.get("a")), "mine");
  assert.equal(outdated, 1);
  assert.equal(await old.read(["drafts"], ({ store }) => store.get("a")), "mine");
  await old.close();
  await fresh.close();
});

test("a transaction that fails leaves nothing of what it began", async () => {
  const database = new Database();
  const half = database.write(["drafts"], async ({ store }) => {
    await store.put(1, "a");
    throw new TypeError("on the way");
  });
  await assert.rejects(half, TypeError);
  assert.equal(await database.read(["drafts"], ({ store }) => store.get("a")), undefined);
  await database.close();
});

test("a lease is held by one, runs out when its holder died, and one from the future counts for nothing", async () => {
  const database = new Database();
  let now = 1_000_000;
  const turn = (work) => inTurn(database, "x", work, { locks: null, now: () => now });
  let release;
  const first = turn(() => new Promise((resolve) => (release = resolve)));
  while (!release) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(await turn(() => {}), false);
  now += 21_000;
  assert.equal(await turn(() => {}), true);
  release();
  await first;
  await database.write(["facts"], ({ store }) => store.put({ holder: "dead", until: now + 86_400_000 }, "lease x"));
  assert.equal(await turn(() => {}), true);
  await database.close();
});

test("the clock's error is learnt from answers, and a clock that is set back is noticed at once", () => {
  let [wall, steady] = [Date.parse("2026-11-23T01:00:10Z"), 5000];
  const clock = new Clock({ wall: () => wall, steady: () => steady });
  assert.equal(clock.offset(), null);
  clock.heard("Mon, 23 Nov 2026 01:00:00 GMT", 4000);
  assert.equal(clock.offset(), 9);
  wall -= 3_600_000;
  assert.equal(clock.offset(), 9 - 3600);
  [wall, steady] = [wall + 3_600_000 + 7_200_000, steady + 1000];
  assert.equal(clock.offset(), 9); // set forward or asleep: nobody knows
  clock.heard("Mon, 23 Nov 2026 03:00:10 GMT", steady - 11_000);
  assert.equal(clock.offset(), 9); // too slow to be believed
});

test("the clock's error outlives the page unless the clock was set back meanwhile", () => {
  const stored = { offset_s: -30, wall: 1000 };
  assert.equal(new Clock({ stored, wall: () => 2000 }).offset(), -30);
  assert.equal(new Clock({ stored, wall: () => 500 }).offset(), null);
  assert.match(new Clock({ wall: () => 0 }).at(), /^19(70|69)-.*T\d\d:\d\d:00\.000[+-]\d\d:\d\d$/);
});

test("what the server has is forgotten after a month, its pictures before, and nothing else ever", async () => {
  const server = new Server((path, _, { "content-type": type }) => (type === "application/geo+json" && broken ? "lost" : null));
  let broken = false;
  const outbox = await opened(server, { firstMs: 60_000 });
  await outbox.add(site("sent"), [picture("one"), picture("both")]);
  await until(outbox, all("received"));
  broken = true;
  await outbox.add(site("waits"), [picture("both")]);
  await until(outbox, ([{ reason }]) => reason);
  const { ledger } = outbox;
  const left = async () => [(await outbox.list()).length, (await ledger.all()).photos.size];
  const [, { photos }] = await outbox.list();
  await ledger.release(Date.now() - 60_000);
  assert.notEqual(await outbox.photo(photos[0].sha256), null);
  await ledger.release(Date.now() + 60_000);
  assert.deepEqual(await Promise.all(photos.map(async ({ sha256 }) => (await outbox.photo(sha256)) !== null)), [false, true]);
  await ledger.forget(Date.now() - 60_000);
  assert.deepEqual(await left(), [2, 2]);
  await ledger.forget(Date.now() + 60_000);
  assert.deepEqual(await left(), [1, 1]);
  assert.equal((await outbox.list())[0].title, "waits");
  await outbox.close();
});

test("the outbox taken out holds the very bytes, and what was refused may go then", async () => {
  const server = new Server(() => new Response(JSON.stringify({ type: "/problems/x", detail: "nein" }), { status: 422, headers: { "content-type": "application/problem+json" } }));
  const outbox = await opened(server);
  const uuid = await outbox.add(site("门前"), [picture("one")]);
  await until(outbox, all("refused"));
  const files = unzipSync(new Uint8Array(await (await outbox.takeOut()).arrayBuffer()));
  const record = JSON.parse(strFromU8(files["records.jsonl"]));
  assert.equal(record.uuid, uuid);
  assert.equal(sha256Of(new TextEncoder().encode(record.body)), record.sha256);
  assert.equal(JSON.parse(record.body).properties.note, "门前");
  assert.equal(strFromU8(files[`photos/${record.photos[0]}.jpg`]), "one");
  assert.equal(JSON.parse(strFromU8(files["outbox.json"])).records, 1);
  assert.equal(await outbox.remove(uuid), true);
  assert.deepEqual(await outbox.list(), []);
  await outbox.close();
});
