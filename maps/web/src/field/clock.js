// By how much the phone's clock is ahead of the server's. Every answer of the server says what time it is; between answers a
// monotonic clock, which nobody can set, tells whether the phone's was set back.

const SLOW_MS = 10_000; // an answer that took longer says too little about when it was written
const JUMP_S = 2; // what rounding and a busy phone may add up to

export class Clock {
  /** `stored` is what `kept` gave an earlier page; `wall` and `steady` are clocks in milliseconds. */
  constructor({ stored = null, wall = () => Date.now(), steady = () => performance.now() } = {}) {
    Object.assign(this, { wall, steady, anchor: null, stored });
  }

  /** Learns from the `Date` of an answer to a question that was asked at `asked` of the steady clock. */
  heard(date, asked) {
    const [wall, steady] = [this.wall(), this.steady()];
    const written = Date.parse(date);
    if (Number.isNaN(written) || steady - asked > SLOW_MS) return;
    // The header has whole seconds, cut off; the answer was written about half way.
    const offset_s = (wall - (steady - asked) / 2 - written - 500) / 1000;
    this.anchor = { offset_s, wall, steady };
  }

  /**
   * How many seconds the phone is ahead, null when nobody knows. Set forward, it looks just as after a sleep, in which
   * the steady clock stands still on most phones: that is noticed with the next answer only.
   */
  offset() {
    if (this.anchor === null) return this.#remembered();
    const { offset_s, wall, steady } = this.anchor;
    const jump_s = (this.wall() - wall - (this.steady() - steady)) / 1000;
    return round(jump_s < -JUMP_S ? offset_s + jump_s : offset_s);
  }

  /** What to store for the next page. */
  kept() {
    return this.anchor ? { offset_s: this.anchor.offset_s, wall: this.anchor.wall } : this.stored;
  }

  /** The phone's own time with its zone, as in 2026-11-23T09:00:00.123+08:00. */
  at() {
    const now = new Date(this.wall());
    const zone = -now.getTimezoneOffset();
    const local = new Date(now.getTime() + zone * 60_000).toISOString().slice(0, -1);
    const [hours, minutes] = [Math.trunc(Math.abs(zone) / 60), Math.abs(zone) % 60];
    return `${local}${zone < 0 ? "-" : "+"}${two(hours)}:${two(minutes)}`;
  }

  #remembered() {
    // Earlier now than when it was heard: it was set back since, by how much nobody knows.
    if (!this.stored || this.wall() < this.stored.wall) return null;
    return round(this.stored.offset_s);
  }
}

const two = (number) => String(number).padStart(2, "0");
const round = (seconds) => Math.round(seconds * 10) / 10;
