import assert from "node:assert/strict";
import test from "node:test";
import { anchorOf } from "../src/anchor.js";

test("a card points into a horseshoe's body or arm, never into its gap or hole", () => {
  const [x, y] = anchorOf({ type: "Polygon", coordinates: [[[0, 0], [10, 0], [10, 10], [8, 10], [8, 4], [3, 4], [3, 10], [0, 10], [0, 0]]] });
  assert.deepEqual([x, y], [1.5, 5]);
  const ring = { type: "Polygon", coordinates: [[[0, 0], [9, 0], [9, 10], [0, 10], [0, 0]], [[2, 2], [2, 8], [5, 8], [5, 2], [2, 2]]] };
  assert.deepEqual(anchorOf(ring), [7, 5]);
});

test("a card points to a point, to a line's middle, to the largest part", () => {
  assert.deepEqual(anchorOf({ type: "Point", coordinates: [1, 2] }), [1, 2]);
  assert.deepEqual(anchorOf({ type: "MultiLineString", coordinates: [[[0, 0], [1, 1]], [[5, 5], [6, 6], [7, 7]]] }), [6, 6]);
  const small = [[[0, 0], [1, 0], [0, 1], [0, 0]]];
  const large = [[[10, 0], [14, 0], [14, 4], [10, 4], [10, 0]]];
  assert.deepEqual(anchorOf({ type: "MultiPolygon", coordinates: [small, large] }), [12, 2]);
});

test("of several geometries the card points at the first", () => {
  assert.deepEqual(anchorOf({ type: "MultiPoint", coordinates: [[1, 2], [3, 4]] }), [1, 2]);
  const point = { type: "Point", coordinates: [5, 6] };
  assert.deepEqual(anchorOf({ type: "GeometryCollection", geometries: [point] }), [5, 6]);
});
