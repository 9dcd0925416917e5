import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Database } from "../src/field/database.js";
import { newUuid, sha256Of } from "../src/field/hashing.js";
import { backOff } from "../src/field/sending.js";
import { all, answered, opened, picture, problem, Server, site, until, wiped } from "./phone.js";

const open = [];
const phone = async (...options) => {
  const outbox = await opened(...options);
  open.push(outbox);
  return outbox;
};

beforeEach(wiped);
afterEach(async () => {
  for (const outbox of open.splice(0)) await outbox.close();
});

test("a record and its photos arrive, the record first, and only then it says received", async () => {
  const server = new Server();
  const outbox = await phone(server);
  const uuid = await outbox.add(site("a"), [picture("one"), picture("two", "near")]);
  const [record] = await until(outbox, all("received"));
  assert.equal(record.uuid, uuid);
  assert.equal(server.records.get(uuid).feature.photos[1].role, "near");
  assert.deepEqual(server.asked.map((path) => path.split("/")[1]), ["collections", "photos", "photos"]);
  assert.equal(new TextDecoder().decode(server.photos.get(sha256Of(new TextEncoder().encode("two")))), "two");
  assert.equal(server.records.get(uuid).feature.captured.device.length, 8);
});

test("an answer that is lost after the server has kept it makes no second record", async () => {
  const server = new Server((path, n) => (n < 3 ? "cut" : null));
  const outbox = await phone(server);
  const uuid = await outbox.add(site("a"), [picture("one")]);
  await until(outbox, all("received"));
  assert.equal(server.records.size, 1);
  assert.equal(server.records.get(uuid).times, 3);
});

test("the same form saved twice is one record, and its first text stays", async () => {
  const server = new Server();
  const outbox = await phone(server);
  const uuid = newUuid();
  await Promise.all([outbox.add({ ...site("a"), uuid }), outbox.add({ ...site("a"), uuid })]);
  await until(outbox, all("received"));
  assert.equal(server.records.size, 1);
  assert.equal(server.records.get(uuid).times, 1);
});

test("what looks like success without the hash of what was sent is no receipt", async () => {
  const strange = [
    new Response("<html>欢迎使用无线网络</html>", { status: 200, headers: { "content-type": "text/html" } }),
    answered(201, { uuid: "another", sha256: "0".repeat(64) }),
    answered(200, null),
    new Response("too large", { status: 413 }),
    problem(503, "database-unreachable"),
    problem(404, "no-such-page"),
  ];
  const server = new Server((_, n) => strange[n - 1] ?? null);
  const outbox = await phone(server);
  await outbox.add(site("a"));
  await until(outbox, all("received"));
  assert.equal(server.asked.length, strange.length + 1);
});

test("one refused record tells why and holds nobody up", async () => {
  const server = new Server();
  server.fate = (path) => (path.endsWith(bad) ? problem(422, "record-place", "不在您的网格内") : null);
  const bad = newUuid();
  const outbox = await phone(server);
  await outbox.add({ ...site("bad"), uuid: bad }, [picture("one")]);
  await outbox.add(site("good"), [picture("two")]);
  const list = await until(outbox, (records) => records.every(({ state }) => state !== "kept" && state !== "sending"));
  assert.deepEqual(list.map(({ title, state }) => [title, state]), [["good", "received"], ["bad", "refused"]]);
  assert.deepEqual(list[1].reason, { code: "refused", words: "不在您的网格内", status: 422, problem: "record-place" });
  assert.equal(await outbox.remove(bad), false);
  server.fate = () => null;
  await outbox.retry(bad);
  await until(outbox, all("received"));
  assert.equal(server.photos.size, 2);
});

test("a refused photo lets the others go, and its record is not called received", async () => {
  const server = new Server((path) => (path.includes(sha256Of(new TextEncoder().encode("bad"))) ? problem(422, "photo-unreadable", "无法读取") : null));
  const outbox = await phone(server);
  await outbox.add(site("a"), [picture("bad"), picture("good")]);
  const [record] = await until(outbox, all("refused"));
  assert.deepEqual(record.photos.map(({ state }) => state), ["refused", "received"]);
  assert.equal(record.reason.words, "无法读取");
  assert.notEqual(await outbox.photo(record.photos[0].sha256), null);
});

test("a refused record can be put right under a new name", async () => {
  const server = new Server((_, n, { "content-type": type }) => (type === "application/geo+json" && server.records.size === 0 && !right ? problem(422, "x") : null));
  let right = false;
  const outbox = await phone(server);
  const uuid = await outbox.add(site("wrong"), [picture("one")]);
  await until(outbox, all("refused"));
  right = true;
  const fresh = newUuid();
  await outbox.revise(uuid, { ...site("right"), uuid: fresh }, [picture("one")]);
  assert.equal(await outbox.revise(uuid, { ...site("right"), uuid: fresh }), fresh); // its page was killed before it knew
  const list = await until(outbox, all("received"));
  assert.deepEqual(list.map((record) => record.uuid), [fresh]);
  await assert.rejects(outbox.revise(fresh, site("again")), /not refused/);
  assert.equal((await outbox.list()).length, 1);
});

test("a session that has ended keeps everything and says so; whoever signs in again sends it", async () => {
  const server = new Server(() => problem(401, "sign-in-needed"));
  const outbox = await phone(server);
  await outbox.add(site("a"), [picture("one")]);
  await outbox.add(site("b"));
  let told = null;
  outbox.subscribe((summary) => (told = summary));
  await until(outbox, () => told?.signedOut);
  assert.equal(told.waiting, 2);
  server.fate = () => null;
  await outbox.sendNow();
  await until(outbox, all("received"));
});

test("what another person logged on this phone waits for that person", async () => {
  const server = new Server((_, __, headers) => (headers["gridfield-account"] === "8" ? null : problem(403, "other-account")));
  await (await phone(server)).add(site("of 7"));
  const second = await phone(server, { owner: 8 });
  await second.add(site("of 8"));
  const list = await until(second, (records) => records.some(({ state }) => state === "received") && records.some(({ reason }) => reason));
  assert.deepEqual(list.map(({ title, state, mine }) => [title, state, mine]), [["of 8", "received", true], ["of 7", "kept", false]]);
  assert.equal(list[1].reason.code, "other-person");
});

test("what always fails is tried last, and the line is given up after three failures", async () => {
  const poison = new Set(Array.from({ length: 6 }, newUuid));
  const server = new Server((path) => (poison.has(path.split("/")[4]) ? problem(500, "internal") : null));
  const outbox = await phone(server, { firstMs: 60_000 });
  for (const uuid of poison) await outbox.add({ ...site("poison"), uuid });
  await until(outbox, (list) => list.every(({ reason }) => reason?.code === "server"));
  for (const note of ["a", "b", "c", "d"]) await outbox.add(site(note));
  await until(outbox, (list) => list.filter(({ state }) => state === "received").length === 4);
  server.fate = () => "lost";
  for (const note of ["e", "f", "g", "h", "i"]) await outbox.add(site(note));
  await until(outbox, (list) => list.filter(({ reason }) => reason?.code === "no-answer").length >= 3);
  assert.equal((await outbox.list()).length, 15);
});

test("a page that is closed in the middle goes on where it was", async () => {
  let [loosen, photos] = [null, 0];
  const stuck = new Promise((resolve) => (loosen = () => resolve("lost")));
  const server = new Server((path) => (path.startsWith("/photos/") && (photos += 1) === 1 ? stuck : null));
  const first = await phone(server);
  await first.add(site("a"), [picture("one"), picture("two")]);
  await until(first, ([{ receipt }]) => receipt);
  await first.close();
  // Its lease is still there; it would run out after a while.
  await first.ledger.database.write(["facts"], ({ store }) => store.delete("lease gridfield-outbox"));
  const second = await phone(server);
  await until(second, all("received"));
  assert.equal(server.records.size, 1);
  assert.equal([...server.records.values()][0].times, 1);
  loosen();
});

test("two tabs send once", async () => {
  const server = new Server(() => new Promise((resolve) => setTimeout(() => resolve(null), 2)));
  const [one, two] = [await phone(server), await phone(server)];
  for (let n = 0; n < 8; n += 1) await [one, two][n % 2].add(site(`${n}`), [picture(`${n}`)]);
  await Promise.all([until(one, all("received")), until(two, all("received"))]);
  assert.equal(server.records.size, 8);
  assert.deepEqual([...server.records.values()].map(({ times }) => times), Array(8).fill(1));
});

test("a full phone says so, keeps nothing by halves, and first lets go of what the server has", async () => {
  const server = new Server();
  const outbox = await phone(server);
  const uuid = await outbox.add(site("a"), [picture("one")]);
  await until(outbox, all("received"));
  const full = fullAfter(1);
  await outbox.add(site("b"), [picture("two")]);
  full.restore();
  const [{ photos }] = (await outbox.list()).filter((record) => record.uuid === uuid);
  assert.equal(await outbox.photo(photos[0].sha256), null);
  const fuller = fullAfter(Infinity);
  await assert.rejects(outbox.add(site("c"), [picture("three")]), { reason: "full" });
  fuller.restore();
  assert.equal((await outbox.list()).length, 2);
  await outbox.add(site("c"), [picture("three")]);
  await until(outbox, (list) => list.length === 3 && all("received")(list));
});

/** Photos find no room the next `times` times. */
function fullAfter(times) {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "bytes" && (times -= 1) >= 0) throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, given);
  };
  return { restore: () => (IDBObjectStore.prototype.put = put) };
}

test("a photo that the server has lost since is sent again", async () => {
  const server = new Server();
  const outbox = await phone(server);
  await outbox.add(site("a"), [picture("one")]);
  await until(outbox, all("received"));
  server.photos.clear();
  await outbox.add(site("b"), [picture("one")]);
  await until(outbox, all("received"));
  assert.equal(server.photos.size, 1);
});

test("a photo that was harmed on the way is sent again; one that was harmed on the phone is told", async () => {
  const server = new Server((path, n) => (path.startsWith("/photos/") && n < 3 ? problem(409, "photo-other") : null));
  const outbox = await phone(server);
  await outbox.add(site("a"), [picture("one")]);
  await until(outbox, all("received"));
  const database = new Database();
  server.fate = (path) => (path.startsWith("/photos/") ? null : "lost");
  await outbox.add(site("b"), [picture("two")]);
  const hash = sha256Of(new TextEncoder().encode("two"));
  await database.write(["bytes"], ({ store }) => store.put(new TextEncoder().encode("tw0").buffer, hash));
  server.fate = () => null;
  await outbox.sendNow();
  const list = await until(outbox, (records) => records[0].state === "refused");
  assert.equal(list[0].reason.code, "damaged");
  await database.close();
});

test("drafts outlive the page and go with the record that they became", async () => {
  const server = new Server();
  const first = await phone(server);
  await first.keepDraft("sites", { note: "half" });
  await first.close();
  const second = await phone(server);
  assert.deepEqual(await second.draft("sites"), { note: "half" });
  await second.add(site("whole"), [], { draft: "sites" });
  assert.equal(await second.draft("sites"), undefined);
});

test("waits grow, are never the same for all, and end at five minutes", () => {
  assert.deepEqual([1, 2, 3, 30].map((n) => backOff(n, () => 1)), [2000, 4000, 8000, 300_000]);
  assert.equal(backOff(3, () => 0), 4000);
});
