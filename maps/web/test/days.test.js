import assert from "node:assert/strict";
import test from "node:test";
import { spanOf, toIso, toNumber } from "../src/days.js";
import { rampFrom, strength } from "../src/heat.js";

test("days are numbers and come back, leap days too", () => {
  for (const day of ["2017-01-01", "2016-02-29", "1970-01-01", "2026-11-23"]) assert.equal(toIso(toNumber(day)), day);
  assert.equal(toNumber("2017-03-01") - toNumber("2017-02-28"), 1);
});

test("the span of several layers goes from the first of all to the last of all", () => {
  const summary = { a: { days: ["2017-03-01", "2017-05-01"] }, b: { days: ["2017-01-05", "2017-02-01"] }, c: { days: null } };
  assert.deepEqual(spanOf(summary, ["a", "b", "c"])?.map(toIso), ["2017-01-05", "2017-05-01"]);
  assert.equal(spanOf(summary, ["c", "d"]), null);
});

test("more is always stronger, farther out each counts less, and nothing is more than all", () => {
  for (const zoom of [8, 12, 15, 18]) {
    let last = 0;
    for (const weight of [1, 2, 10, 100]) {
      const found = strength(weight, zoom);
      assert.ok(found > last && found <= 1);
      last = found;
    }
  }
  assert.ok(strength(1, 10) < strength(1, 15));
});

test("a ramp begins with nothing and goes from colour to colour", () => {
  const ramp = rampFrom(["#000000", "#ffffff"]);
  assert.equal(ramp.length, 4 * 256);
  assert.equal(ramp[3], 0);
  assert.deepEqual([...ramp.slice(4 * 255, 4 * 255 + 3)], [255, 255, 255]);
});
