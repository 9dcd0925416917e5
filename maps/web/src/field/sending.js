// Sending what waits: a record, then its photos, then the next. Every step may be cut off anywhere and done again, because the
// server answers the same bytes with the same receipt; nothing counts as received without that.
import { judged, unanswered } from "./answers.js";
import { isFull } from "./database.js";
import { sha256Of } from "./hashing.js";
import { inTurn } from "./turns.js";

const FIRST_MS = 2_000;
const LONGEST_MS = 300_000;
const SIGNED_OUT_MS = 300_000; // whoever signs in again comes by a page that sends at once
const ELSEWHERE_MS = 15_000; // until asking again whether another tab is still at it
const FROZEN_TURNS = 20; // of being told so: a tab that the phone has put to sleep does not send
const ENOUGH = 3; // failures one after the other mean the line, not the records
const LANES = 2; // records at a time: the answer to one is waited for while the other is on its way
const GARBLED = new Set(["body-unreadable", "photo-other"]);
const DOUBTS = 4; // how often such an answer is put down to the line
const RECORD_MS = 30_000;
const SLOWEST_BYTES_MS = 4; // what a phone in a lift still sends, on top of RECORD_MS

/** How long to wait after the n-th round in a row that left something: doubled each time, and never all phones at once. */
export function backOff(rounds, random = Math.random) {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (rounds - 1)) * (0.5 + random() / 2);
}

export class Sender {
  #timer = 0;
  #stopped = false;
  #running = false;
  #again = false;
  #failedRounds = 0;
  #shutOut = 0;

  /** `ledger` keeps the records and photos; `told` is called whenever what is known of the sending changes. */
  constructor(ledger, { clock, told = () => {}, base = "", locks, send = (...asked) => fetch(...asked), recordMs = RECORD_MS, firstMs = FIRST_MS }) {
    Object.assign(this, { ledger, clock, told, base, locks, send, recordMs, pace: firstMs / FIRST_MS });
    this.state = { signedOut: null, trouble: null, nextAt: null };
    this.current = new Set();
  }

  /** Sends what waits, now; comes back when there is nothing more to be done for the moment. */
  async wake() {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      do {
        this.#again = false;
        await this.#turn();
      } while (this.#again && !this.#stopped);
    } finally {
      this.#running = false;
    }
  }

  /** Like `wake`, and what was waited for before is no reason to wait longer. */
  refresh() {
    this.#failedRounds = 0;
    return this.wake();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #turn() {
    let left = { wait: ELSEWHERE_MS };
    const work = async () => {
      left = await this.#round();
    };
    try {
      const steal = this.#shutOut >= FROZEN_TURNS;
      const ran = await inTurn(this.ledger.database, "gridfield-outbox", work, { locks: this.locks, steal });
      this.#shutOut = ran ? 0 : this.#shutOut + 1;
    } catch (error) {
      left = { wait: this.#patience(), trouble: storeTrouble(error) };
    }
    this.#schedule(left);
  }

  /** Everything that waits, once, what has failed least first: what always fails holds nobody up. */
  async #round() {
    const round = { failures: 0, successes: 0, wait_s: 0, trouble: null, signedOut: null, strangers: new Set() };
    const tried = new Set();
    for (;;) {
      const waiting = (await this.ledger.waiting()).filter(({ uuid }) => !tried.has(uuid));
      if (!waiting.length) break;
      for (const { uuid } of waiting) tried.add(uuid);
      await Promise.all(Array.from({ length: LANES }, () => this.#lane(waiting, round)));
      if (this.#isOver(round)) break;
    }
    return this.#ended(round);
  }

  /** One record after the other, as long as there is any sense in it; what is far away is so for each by itself. */
  async #lane(waiting, round) {
    while (waiting.length && !this.#isOver(round)) {
      const { uuid, owner } = waiting.shift();
      if (!round.strangers.has(owner)) await this.#deliver(uuid, round);
    }
  }

  #isOver(round) {
    return this.#stopped || round.signedOut !== null || round.failures >= ENOUGH;
  }

  async #ended(round) {
    if (round.successes) this.#failedRounds = 0;
    const { signedOut, trouble } = round;
    if (signedOut) return { wait: SIGNED_OUT_MS, signedOut, trouble };
    // Of a record of somebody else there is nothing to expect before somebody else signs in.
    const hoped = (await this.ledger.waiting()).some(({ owner }) => !round.strangers.has(owner));
    return { wait: hoped ? Math.max(this.#patience(), round.wait_s * 1000) : null, trouble };
  }

  #patience() {
    this.#failedRounds += 1;
    return backOff(this.#failedRounds) * this.pace;
  }

  #schedule({ wait = null, trouble = null, signedOut = null }) {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.state = { signedOut, trouble, nextAt: wait === null ? null : Date.now() + wait };
    if (wait !== null) this.#timer = setTimeout(() => this.wake(), wait);
    this.told();
  }

  /** One record and its photos; another tab may have done some of it meanwhile. */
  async #deliver(uuid, round) {
    this.current.add(uuid);
    this.told();
    try {
      const record = await this.ledger.record(uuid);
      if (!record || record.state !== "kept") return;
      if (!record.receipt && !(await this.#put(record, round))) return;
      for (const { sha256 } of (await this.ledger.record(uuid)).photos) {
        if (!(await this.#putPhoto(record, sha256, round))) return;
      }
      await this.ledger.settle(uuid, this.clock.at());
    } catch (error) {
      await this.#stumbled(uuid, error, round);
    } finally {
      this.current.delete(uuid);
      this.told();
    }
  }

  /** The store failed, on a full disk for one. What was not noted will be sent again, and the next may fare better. */
  async #stumbled(uuid, error, round) {
    round.failures += 1;
    round.trouble = storeTrouble(error);
    await this.ledger.postponed(uuid, round.trouble).catch(() => {});
  }

  async #put(record, round) {
    const content = new TextEncoder().encode(record.body);
    const path = `/collections/${encodeURIComponent(record.layer)}/items/${record.uuid}`;
    const isReceipt = (told) => told?.uuid === record.uuid && told.sha256 === record.sha256;
    const told = await this.#ask(path, { content, type: "application/geo+json", owner: record.owner, isReceipt });
    const answer = weighed(told, { attempts: record.attempts, isWhole: () => sha256Of(content) === record.sha256 });
    if (answer.kind === "received") await this.ledger.recordReceived(record.uuid, answer.receipt);
    if (answer.kind === "refused") await this.ledger.recordRefused(record.uuid, answer.reason);
    return this.#count(record, answer, round);
  }

  /** Whether the next step may be taken. */
  async #putPhoto(record, sha256, round) {
    const photo = await this.ledger.photo(sha256);
    if (photo.state !== "kept") return true;
    const content = await this.ledger.bytes(sha256);
    if (!content) {
      await this.ledger.photoRefused(sha256, { code: "damaged", words: null, status: null });
      return true;
    }
    const isReceipt = (told) => told?.sha256 === sha256;
    const told = await this.#ask(`/photos/${sha256}`, { content, type: photo.type, owner: record.owner, isReceipt });
    const answer = weighed(told, { attempts: record.attempts, isWhole: () => sha256Of(content) === sha256 });
    if (answer.kind === "received") await this.ledger.photoReceived(sha256, answer.receipt);
    if (answer.kind === "refused") await this.ledger.photoRefused(sha256, answer.reason);
    return this.#count(record, answer, round);
  }

  /** Notes how it went; whether this record may go on. */
  async #count({ uuid, owner }, { kind, reason, wait_s }, round) {
    if (kind === "received" || kind === "refused") {
      round.failures = 0;
      round.successes += 1;
      // The photos of a refused record have nothing to hang on; a refused photo keeps no other from being sent.
      return kind === "received" || (await this.ledger.record(uuid)).receipt !== null;
    }
    await this.ledger.postponed(uuid, reason);
    if (kind === "signed-out") round.signedOut = reason;
    if (kind === "other-person") round.strangers.add(owner);
    if (kind === "later") {
      round.failures += 1;
      round.trouble = reason;
      round.wait_s = Math.max(round.wait_s, wait_s);
    }
    return false;
  }

  async #ask(path, { content, type, owner, isReceipt }) {
    const headers = { "content-type": type, accept: "application/json" };
    if (owner !== null) headers["gridfield-account"] = String(owner);
    const asked = this.clock.steady();
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), this.recordMs + content.byteLength / SLOWEST_BYTES_MS);
    try {
      const response = await this.send(this.base + path, {
        method: "PUT",
        body: content,
        headers,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error", // to a page for signing in, in a hotel
        signal: patience.signal,
      });
      this.#hear(response, asked);
      return await judged(response, isReceipt);
    } catch {
      return unanswered(globalThis.navigator?.onLine ?? true);
    } finally {
      clearTimeout(timer);
    }
  }

  #hear(response, asked) {
    const date = response.headers.get("date");
    if (date) this.clock.heard(date, asked);
  }
}

const storeTrouble = (error) => ({ code: isFull(error) ? "full" : "store", words: error.message, status: null });

/**
 * A refusal that says that something else arrived than was sent: harmed on the way, it is sent again a few times; harmed on
 * the phone, that is said.
 */
function weighed(answer, { attempts, isWhole }) {
  if (answer.kind !== "refused" || !GARBLED.has(answer.reason.problem)) return answer;
  if (!isWhole()) return { ...answer, reason: { ...answer.reason, code: "damaged" } };
  return attempts < DOUBTS ? { ...answer, kind: "later", wait_s: 0 } : answer;
}
