// A patrol: while it goes on, the phone notes where it is every few seconds, keeps that, and sends it in batches. A page that was
// killed goes on with the same patrol and says that nobody looked in between.
import { Database, isFull } from "./database.js";
import { newUuid } from "./hashing.js";
import { PatrolLog } from "./patrol-log.js";
import { PatrolSender } from "./patrol-sending.js";
import { inTurn } from "./turns.js";

const EVERY_MS = 5_000; // closer together the noise would pass for speed
const POOREST_M = 200; // what is no position at all
const LONGEST_MS = 12 * 3600_000; // what goes on longer was forgotten in a pocket
const FAR_M = 200;
const GAP_MS = 120_000;
const ASIDE_MS = 15_000; // until asking again whether another tab is still at it
const EARTH_M = 6_371_009;
const DENIED = 1;

/**
 * `{ state(), start(), stop(), sendNow(), forget(uuid), close() }`. `onChange(state)` is called after every change; `clock()` says
 * `{ at, clock_offset_s }` as the outbox does. The rest is the phone, and stands in for it in tests.
 */
export async function openPatrol(given) {
  const patrol = new Patrol(given);
  await patrol.open();
  return patrol;
}

class Patrol {
  #going = false;
  #watch = null;
  #released = null;
  #lock = null;
  #aside = 0;
  #turn = Promise.resolve();
  #state = { on: false, uuid: null, since: null, metres: 0, points: 0, waiting: 0, refused: null, accuracy_m: null, gap: false, lost: null, elsewhere: false, trouble: null };

  constructor({ owner = null, clock, app, device, onChange = () => {}, database = new Database(), phone = thePhone(), ...sending }) {
    Object.assign(this, { owner, clock, app, device, onChange, phone, locks: sending.locks });
    this.log = new PatrolLog(database);
    this.sender = new PatrolSender(this.log, { ...sending, told: (trouble) => this.#refresh({ trouble }) });
  }

  /** What an earlier page left is sent, and a patrol that it was on goes on. */
  async open() {
    const current = await this.log.current();
    if (current && this.#isStale(current)) await this.#end(current.last?.at ?? current.said.started_at);
    else if (current && current.owner === this.owner) this.#goOn();
    this.phone.listen((event) => this.#happened(event));
    await this.#refresh();
    this.sender.wake();
  }

  state() {
    return this.#state;
  }

  async start() {
    const other = await this.log.current();
    if (other?.owner === this.owner) return;
    if (other) await this.#end(other.last?.at ?? other.said.started_at); // of somebody who has lent the phone
    const { at, clock_offset_s } = this.clock();
    const said = { started_at: at, clock_offset_s: clock_offset_s ?? 0 };
    if (this.device) said.device = this.device;
    if (this.app) said.app = this.app;
    await this.log.begin(newUuid(), this.owner, said);
    this.#goOn({ isNew: true });
    await this.#refresh();
    this.sender.wake();
  }

  async stop() {
    this.#halt();
    await this.#turn;
    await this.#end(this.clock().at);
    await this.#refresh();
    this.sender.wake();
  }

  sendNow() {
    return this.sender.wake();
  }

  /** Takes what the server has refused of a patrol, or has deleted, from this phone. */
  async forget(uuid) {
    await this.log.forget(uuid);
    if (this.#state.uuid === uuid) this.#halt();
    await this.#refresh();
  }

  close() {
    this.#halt();
    this.sender.stop();
    this.phone.unlisten();
  }

  // ---- one tab at a time notes the way --------------------------------------------------------
  async #goOn({ isNew = false } = {}) {
    this.#going = true;
    const work = async () => {
      if (!isNew) await this.log.interrupted(this.#offset());
      if (this.#going) await this.#watching();
    };
    const ran = await inTurn(this.log.database, "gridfield-patrol", work, { locks: this.locks });
    if (ran || !this.#going || !(await this.log.current())) return;
    this.#aside = setTimeout(() => this.#goOn(), ASIDE_MS);
    await this.#refresh({ elsewhere: true });
  }

  #watching() {
    const watching = new Promise((released) => {
      this.#released = released;
    });
    // One after the other: each looks at the one before.
    const inOrder = (position) => (this.#turn = this.#turn.then(() => this.#found(position)).catch((error) => this.#broken(error)));
    this.#watch = this.phone.watch(inOrder, (error) => this.#lost(error));
    this.#stayAwake();
    this.#refresh({ elsewhere: false, gap: false, lost: null });
    return watching;
  }

  #halt() {
    this.#going = false;
    clearTimeout(this.#aside);
    if (this.#watch !== null) this.phone.unwatch(this.#watch);
    this.#lock?.release().catch(() => {});
    this.#released?.();
    this.#watch = this.#lock = this.#released = null;
  }

  async #stayAwake() {
    // Not every phone can, and none while another app is in front.
    this.#lock = await this.phone.stayAwake().catch(() => null);
  }

  // ---- positions ------------------------------------------------------------------------------
  async #found({ coords, timestamp }) {
    const at = Math.abs(timestamp - this.phone.now()) < 60_000 ? timestamp : this.phone.now();
    const { last, since } = await this.#known();
    if (since === undefined || coords.accuracy > POOREST_M) return this.#refresh({ accuracy_m: coords.accuracy });
    const passed = last ? at - Date.parse(last.at) : Infinity;
    if (passed >= 0 && passed < EVERY_MS) return;
    const point = { at: new Date(at).toISOString(), lon: coords.longitude, lat: coords.latitude, accuracy_m: round(coords.accuracy) };
    const way = last ? metres(last, point) : 0;
    const gap = last !== null && (passed < 0 || passed > GAP_MS || way > FAR_M);
    const current = await this.log.add(point, gap ? 0 : way, this.#offset());
    if (current && !current.buffer.length) this.sender.wake();
    await this.#refresh({ accuracy_m: coords.accuracy, gap, lost: null });
  }

  /** The store failed, on a full disk for one: what cannot be kept is a gap. */
  #broken(error) {
    this.#state.trouble = { code: isFull(error) ? "full" : "store", words: error.message, status: null };
    this.onChange(this.#state);
  }

  async #known() {
    const current = await this.log.current();
    return { last: current?.last ?? null, since: current?.said.started_at };
  }

  #lost({ code }) {
    this.#refresh({ lost: code === DENIED ? "denied" : "no-position" });
  }

  async #happened(event) {
    if (event === "visible" && this.#watch !== null) this.#stayAwake();
    // A phone takes its camera in front for every photo: how long nobody looked is seen by the positions themselves.
    if (event === "hidden" && this.#watch !== null) await this.log.flush(this.#offset());
    this.sender.wake();
  }

  // ---- what is known --------------------------------------------------------------------------
  #isStale({ said }) {
    return this.phone.now() - Date.parse(said.started_at) > LONGEST_MS;
  }

  #end(at) {
    return this.log.end(at, this.#offset());
  }

  #offset() {
    return this.clock().clock_offset_s ?? 0;
  }

  async #refresh(more = {}) {
    const [current, waiting] = await Promise.all([this.log.current(), this.log.waiting()]);
    const mine = current?.owner === this.owner ? current : null;
    const told = { on: Boolean(mine), uuid: mine?.uuid ?? null, since: mine?.said.started_at ?? null };
    const refused = waiting.find((parcel) => parcel.refused);
    Object.assign(this.#state, told, {
      ...{ metres: Math.round(mine?.metres ?? 0), points: mine?.points ?? 0, waiting: waiting.filter((parcel) => !parcel.refused).length },
      refused: refused ? { uuid: refused.uuid, ...refused.refused } : null,
      ...more,
    });
    this.onChange(this.#state);
  }
}

/** Along the ground, as near as a phone's display needs it. */
export function metres(from, to) {
  const rad = Math.PI / 180;
  const north = (to.lat - from.lat) * rad;
  const east = (to.lon - from.lon) * rad * Math.cos(((from.lat + to.lat) / 2) * rad);
  return EARTH_M * Math.hypot(north, east);
}

const round = (accuracy) => Math.round(accuracy * 10) / 10;

function thePhone() {
  const { navigator, document } = globalThis;
  const gone = new AbortController();
  return {
    now: () => Date.now(),
    watch: (found, lost) => navigator.geolocation.watchPosition(found, lost, { enableHighAccuracy: true, maximumAge: 0, timeout: 60_000 }),
    unwatch: (watch) => navigator.geolocation.clearWatch(watch),
    stayAwake: async () => (await navigator.wakeLock?.request("screen")) ?? null,
    listen: (happened) => {
      document.addEventListener("visibilitychange", () => happened(document.visibilityState), { signal: gone.signal });
      globalThis.addEventListener("online", () => happened("online"), { signal: gone.signal });
    },
    unlisten: () => gone.abort(),
  };
}
