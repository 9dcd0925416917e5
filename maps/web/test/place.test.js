import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlace } from "../src/place.js";

const xining = { lon: 101.8012, lat: 36.6203 };

test("longitude and latitude are read however they are separated", () => {
  for (const text of ["101.8012,36.6203", " 101.8012 , 36.6203 ", "101.8012 36.6203", "101.8012\uff0c36.6203", "101.8012;36.6203", "101.8012\u300136.6203", "101.8012°, 36.6203°"]) {
    assert.deepEqual(parsePlace(text), xining, text);
  }
  assert.deepEqual(parsePlace("-1.5, -2"), { lon: -1.5, lat: -2 });
});

test("what is no place is told apart from what is the wrong way round", () => {
  assert.deepEqual(parsePlace("36.6203, 101.8012"), { problem: "swapped" });
  for (const text of ["", "101.8", "101.8, 36.6, 7", "abc, def", "101.8, 36.6x", "1e9, 3", "181, 3", "200, 100", "<img>, {{7*7}}"]) {
    assert.deepEqual(parsePlace(text), { problem: "bad_input" }, text);
  }
});
