import assert from "node:assert/strict";
import test from "node:test";
import { decodeTile, transferables } from "../src/decode.js";
import { contains, distanceToLine, properties, value } from "../src/flat.js";
import { encode, flatLayer } from "./tile.js";

const SQUARE_WITH_HOLE = { id: 7, geometry: "polygon", parts: [[[0, 0], [100, 0], [100, 100], [0, 100]], [[40, 40], [40, 60], [60, 60], [60, 40]]], properties: { name: "甲", tint: 3 } };
const BENT_LINE = { id: 9007199254740000, geometry: "line", parts: [[[0, 0], [100, 0], [100, 100]]], properties: { name: "乙" } };

test("ids, boxes, parts and properties survive the flat form", () => {
  const layer = flatLayer([SQUARE_WITH_HOLE, BENT_LINE]);
  assert.deepEqual([...layer.ids], [7, 9007199254740000]);
  assert.deepEqual([...layer.boxes], [0, 0, 100, 100, 0, 0, 100, 100]);
  assert.deepEqual([...layer.parts], [0, 2, 3]);
  assert.deepEqual(properties(layer, 0), { name: "甲", tint: 3 });
});

test("a feature without a property has null, not its neighbour's value", () => {
  const layer = flatLayer([SQUARE_WITH_HOLE, BENT_LINE]);
  assert.equal(value(layer, 1, "tint"), null);
  assert.equal(value(layer, 0, "no such key"), null);
});

test("a point in a hole is outside", () => {
  const layer = flatLayer([SQUARE_WITH_HOLE]);
  assert.equal(contains(layer, 0, 20, 50), true);
  assert.equal(contains(layer, 0, 50, 50), false);
  assert.equal(contains(layer, 0, 120, 50), false);
});

test("the distance to a line is that to its nearest segment", () => {
  const layer = flatLayer([BENT_LINE]);
  assert.equal(distanceToLine(layer, 0, 50, 30), 30);
  assert.equal(distanceToLine(layer, 0, 90, 30), 10);
});

test("an empty tile has no layers, and every array of a full one can be transferred", () => {
  assert.deepEqual(decodeTile(new ArrayBuffer(0)), {});
  const tile = decodeTile(encode("things", [SQUARE_WITH_HOLE]));
  structuredClone(tile, { transfer: transferables(tile) });
  assert.equal(tile.things.xy.byteLength, 0);
});
