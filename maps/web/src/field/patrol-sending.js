// Sending what waits of patrols: each from its beginning to its end, anything as often as it takes, since the server answers the
// same bytes with the same receipt.
import { judged, unanswered } from "./answers.js";
import { backOff } from "./sending.js";
import { inTurn } from "./turns.js";

const PATIENCE_MS = 30_000;

export class PatrolSender {
  #timer = 0;
  #rounds = 0;
  #running = null;
  #again = false;

  /** `told(trouble)` is called after every round: null, or why something is still waiting. */
  constructor(log, { told = () => {}, base = "", locks, send = (...asked) => fetch(...asked), pace = 1 } = {}) {
    Object.assign(this, { log, told, base, locks, send, pace });
  }

  /** Sends what waits, now. */
  wake() {
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#again = false;
  }

  async #run() {
    while (this.#again) {
      this.#again = false;
      clearTimeout(this.#timer);
      let trouble = null;
      const work = async () => {
        trouble = await this.#round();
      };
      try {
        await inTurn(this.log.database, "gridfield-patrols", work, { locks: this.locks });
      } catch (error) {
        trouble = { code: "store", words: error.message, status: null };
      }
      this.#rounds = trouble ? this.#rounds + 1 : 0;
      if (trouble) this.#timer = setTimeout(() => this.wake(), backOff(this.#rounds) * this.pace);
      this.told(trouble);
    }
  }

  /** Each patrol as far as it goes; what one is refused holds up no other. */
  async #round() {
    let trouble = null;
    const held = new Set();
    for (const parcel of await this.log.waiting()) {
      if (parcel.refused || held.has(parcel.uuid)) continue;
      const { kind, reason } = await this.#put(parcel);
      if (kind === "received") await this.log.received(parcel);
      else if (kind === "refused") await this.log.refused(parcel, reason);
      else {
        trouble = reason;
        held.add(parcel.uuid);
        if (kind !== "other-person") break;
      }
    }
    return trouble;
  }

  async #put({ uuid, owner, path, body, sha256 }) {
    const headers = { "content-type": "application/json", accept: "application/json" };
    if (owner !== null) headers["gridfield-account"] = String(owner);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      const asked = { method: "PUT", body, headers, credentials: "same-origin", cache: "no-store", redirect: "error", signal: patience.signal };
      const response = await this.send(this.base + path, asked);
      return await judged(response, (told) => told?.uuid === uuid && told.sha256 === sha256);
    } catch {
      return unanswered(globalThis.navigator?.onLine ?? true);
    } finally {
      clearTimeout(timer);
    }
  }
}
