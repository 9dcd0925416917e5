// The device's position while it is wanted: readings come in, their average goes out.
import { average, reading, telling } from "./position.js";

const FAULTS = { 1: "denied", 2: "unavailable", 3: "timeout" };
const OPTIONS = { enableHighAccuracy: true, maximumAge: 5000, timeout: 20_000 };
const MOST = 60; // readings that are kept

export class Locating {
  /** `tell({ measured, fault })` with each reading and each fault; `measured` is null until there is one. */
  constructor(tell) {
    this.tell = tell;
    this.readings = [];
    this.watch = null;
  }

  start() {
    if (this.watch !== null) return;
    const { geolocation } = navigator;
    if (!geolocation) return this.#say("unsupported");
    this.watch = geolocation.watchPosition((position) => this.#heard(position), ({ code }) => this.#say(FAULTS[code]), OPTIONS);
  }

  stop() {
    if (this.watch !== null) navigator.geolocation.clearWatch(this.watch);
    this.watch = null;
    this.readings = [];
  }

  #heard(position) {
    const found = reading(position);
    if (!found) return;
    this.readings = [...this.readings, found].slice(-MOST);
    this.#say(null);
  }

  #say(fault) {
    this.tell({ measured: average(telling(this.readings, Date.now())), fault });
  }
}
