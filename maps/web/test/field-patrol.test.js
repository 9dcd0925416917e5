import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Database } from "../src/field/database.js";
import { sha256Of } from "../src/field/hashing.js";
import { metres, openPatrol } from "../src/field/patrol.js";
import { answered, problem, wiped } from "./phone.js";

const BEGAN = Date.parse("2026-11-23T01:00:00Z");
const M = 1 / 111_195; // of latitude, in degrees

/** A phone in somebody's hand: where it is and what time it is are said by the test. */
class Hand {
  constructor() {
    Object.assign(this, { time: BEGAN, found: null, lost: null, awake: 0, happened: null, offset: 0 });
  }

  now = () => this.time;
  watch = (found, lost) => Object.assign(this, { found, lost }) && 1;
  unwatch = () => (this.found = null);
  stayAwake = async () => {
    this.awake += 1;
    return { release: async () => (this.awake -= 1) };
  };
  listen = (happened) => (this.happened = happened);
  unlisten = () => (this.happened = null);
  clock = () => ({ at: new Date(this.time).toISOString(), clock_offset_s: this.offset });

  /** Walks north, a position every five seconds. */
  async walk(patrol, count, { step = 7, accuracy = 8, seconds = 5 } = {}) {
    for (let n = 0; n < count; n += 1) {
      this.time += seconds * 1000;
      this.north = (this.north ?? 0) + step;
      await this.found({ coords: { longitude: 101.82, latitude: 36.62 + this.north * M, accuracy }, timestamp: this.time });
    }
    return patrol.state();
  }
}

/** What the server of the contract does, for whatever `fate(path, n)` does not decide otherwise. */
class Server {
  constructor(fate = () => null) {
    Object.assign(this, { fate, kept: new Map(), asked: [] });
  }

  send = async (path, { body, headers }) => {
    this.asked.push({ path, headers });
    const fate = this.fate(path, this.asked.length);
    if (fate instanceof Response) return fate;
    if (fate === "lost") throw new TypeError("Failed to fetch");
    const sha256 = sha256Of(new TextEncoder().encode(body));
    const stop = JSON.parse(body).stopped_at;
    const key = stop ? `${path} end` : path;
    if (this.kept.has(key) && this.kept.get(key).sha256 !== sha256) return problem(409, "patrol-differs");
    this.kept.set(key, { sha256, said: JSON.parse(body) });
    if (fate === "cut") throw new TypeError("Failed to fetch");
    return answered(201, { uuid: path.split("/")[2], sha256 });
  };

  /** All positions that came, in the order of the batches. */
  get points() {
    const batches = [...this.kept].filter(([path]) => path.includes("/points/"));
    const number = ([path]) => Number(path.split("/").at(-1));
    return batches.sort((one, two) => number(one) - number(two)).flatMap(([, { said }]) => said.points);
  }
}

const open = [];
const begun = async (server, hand, given = {}) => {
  const database = new Database();
  const patrol = await openPatrol({ owner: 7, clock: hand.clock, database, phone: hand, locks: null, send: server.send, pace: 0.001, ...given });
  open.push({ patrol, database });
  return patrol;
};

const until = async (holds) => {
  for (let n = 0; n < 400; n += 1) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 5));
  }
  assert.fail("it never came to that");
};
const sent = (patrol) => until(() => patrol.state().waiting === 0);

/** The page is killed: nothing of it runs any more, and no lock is held. */
async function killed() {
  const { patrol, database } = open.pop();
  patrol.close();
  await new Promise((done) => setTimeout(done, 20));
  await database.close();
}

beforeEach(wiped);
afterEach(async () => {
  while (open.length) await killed();
});

test("a patrol arrives from its beginning to its end, each position once", async () => {
  const [server, hand] = [new Server(), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  const state = await hand.walk(patrol, 60);
  assert.equal(state.on, true);
  assert.equal(state.points, 60);
  assert.ok(Math.abs(state.metres - 59 * 7) < 2, String(state.metres));
  await patrol.stop();
  await sent(patrol);
  assert.equal(server.points.length, 60);
  const end = [...server.kept.values()].find(({ said }) => said.stopped_at);
  assert.equal(end.said.batches, 3);
  assert.equal(end.said.started_at, new Date(BEGAN).toISOString());
  assert.equal(server.asked[0].headers["gridfield-account"], "7");
  assert.equal(hand.found, null);
  assert.equal(hand.awake, 0);
  assert.equal(patrol.state().on, false);
});

test("without a network everything stays, in order, and arrives later with the same bytes", async () => {
  let down = true;
  const [server, hand] = [new Server((_, n) => (down ? "lost" : n % 3 ? null : "cut")), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  await hand.walk(patrol, 50);
  await patrol.stop();
  await until(() => patrol.state().trouble);
  assert.equal(patrol.state().waiting, 5);
  assert.equal(server.kept.size, 0);
  down = false;
  await patrol.sendNow();
  await sent(patrol);
  assert.equal(server.points.length, 50);
  assert.deepEqual(server.points.map(({ at }) => at).toSorted(), server.points.map(({ at }) => at));
});

test("a page that was killed goes on with the same patrol and says that nobody looked", async () => {
  const [server, hand] = [new Server(), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  await hand.walk(patrol, 10);
  const { uuid } = patrol.state();
  await killed();
  hand.time += 30_000;
  const again = await begun(server, hand);
  await until(() => hand.found);
  assert.equal(again.state().uuid, uuid);
  assert.equal(again.state().points, 10);
  await hand.walk(again, 10);
  await again.stop();
  await sent(again);
  const batches = [...server.kept.values()].filter(({ said }) => said.points);
  assert.deepEqual(batches.map(({ said }) => [said.points.length, said.resumed]), [[10, false], [10, true]]);
});

test("what was forgotten in a pocket has ended with its last position", async () => {
  const [server, hand] = [new Server(), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  await hand.walk(patrol, 3);
  const last = new Date(hand.time).toISOString();
  await killed();
  hand.time += 13 * 3600_000;
  const again = await begun(server, hand);
  await sent(again);
  assert.equal(again.state().on, false);
  const end = [...server.kept.values()].find(({ said }) => said.stopped_at);
  assert.equal(end.said.stopped_at, last);
});

test("poor positions and those too close are not kept, and a jump is a gap", async () => {
  const [server, hand] = [new Server(), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  await hand.walk(patrol, 2);
  await hand.walk(patrol, 1, { accuracy: 500 });
  await hand.walk(patrol, 3, { seconds: 1 });
  assert.equal(patrol.state().points, 3); // one before and one of the three after the poor one
  assert.equal((await hand.walk(patrol, 1, { step: 900 })).gap, true);
  assert.equal(patrol.state().metres, 21);
  assert.equal((await hand.walk(patrol, 1)).gap, false);
});

test("a refusal is told, holds no other patrol up, and can be forgotten", async () => {
  const [server, hand] = [new Server(), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  const bad = patrol.state().uuid;
  server.fate = (path) => (path.includes(bad) ? problem(422, "patrol-old", "已经过期") : null);
  await patrol.stop();
  await until(() => patrol.state().refused);
  assert.equal(patrol.state().refused.words, "已经过期");
  assert.equal(patrol.state().refused.uuid, bad);
  await patrol.start();
  const good = patrol.state().uuid;
  await patrol.stop();
  await until(() => server.kept.has(`/patrols/${good} end`));
  await patrol.forget(bad);
  assert.equal(patrol.state().refused, null);
});

test("who has signed out loses nothing", async () => {
  let out = false;
  const [server, hand] = [new Server(() => (out ? problem(401, "sign-in-needed") : null)), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  await sent(patrol);
  out = true;
  await hand.walk(patrol, 30);
  await until(() => patrol.state().trouble?.code === "signed-out");
  out = false;
  await patrol.stop();
  await sent(patrol);
  assert.equal(server.points.length, 30);
});

test("a second tab does not note the way a second time", async () => {
  const [server, hand, second] = [new Server(), new Hand(), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  const other = await begun(server, second);
  await until(() => other.state().elsewhere);
  assert.equal(second.found, null);
  assert.equal(other.state().uuid, patrol.state().uuid);
  await hand.walk(patrol, 3);
  await other.stop(); // from whichever tab
  await sent(other);
  assert.equal(server.points.length, 3);
});

test("a phone whose clock is ahead says so, and where there is no position it says that", async () => {
  const [server, hand] = [new Server(), new Hand()];
  hand.offset = 86_400;
  const patrol = await begun(server, hand, { app: "1.0", device: "测试" });
  await patrol.start();
  await until(() => hand.found);
  hand.lost({ code: 1 });
  await until(() => patrol.state().lost === "denied");
  await hand.walk(patrol, 1);
  assert.equal(patrol.state().lost, null);
  await patrol.stop();
  await sent(patrol);
  for (const { said } of server.kept.values()) assert.equal(said.clock_offset_s, 86_400);
  assert.equal([...server.kept.values()][0].said.device, "测试");
});

test("while the camera is in front what there is goes out, and the way goes on", async () => {
  const [server, hand] = [new Server(), new Hand()];
  const patrol = await begun(server, hand);
  await patrol.start();
  await until(() => hand.found);
  await hand.walk(patrol, 5);
  await hand.happened("hidden");
  await until(() => server.points.length === 5);
  await hand.happened("visible");
  await hand.walk(patrol, 5);
  await patrol.stop();
  await sent(patrol);
  assert.equal(server.points.length, 10);
  assert.ok([...server.kept.values()].every(({ said }) => !said.resumed));
});

test("metres are those of the ground", () => {
  const here = { lon: 101.82, lat: 36.62 };
  assert.ok(Math.abs(metres(here, { lon: 101.83, lat: 36.62 }) - 892.6) < 3);
  assert.equal(metres(here, here), 0);
});
