import assert from "node:assert/strict";
import test from "node:test";
import { Neighbours, move, tidied } from "../src/borders.js";

const square = (x, y = 0) => [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]];
const polygon = (...corners) => ({ type: "Polygon", coordinates: [[...corners, corners[0]]] });
const shapes = (neighbours) => neighbours.changed().map(({ id, geometry }) => [id, geometry.coordinates[0].slice(0, -1)]);

test("a corner that two neighbours have moves for both, and for nobody else", () => {
  const neighbours = new Neighbours([
    { id: 1, geometry: polygon(...square(1)) },
    { id: 2, geometry: polygon(...square(1, 1)) },
    { id: 3, geometry: polygon(...square(5)) },
  ]);
  const grips = neighbours.grab([1.00000000004, 1]);
  assert.equal(grips.length, 2);
  move(grips, [1.2, 1.1]);
  assert.deepEqual(shapes(neighbours), [
    [1, [[1, 0], [2, 0], [2, 1], [1.2, 1.1]]],
    [2, [[1.2, 1.1], [2, 1], [2, 2], [1, 2]]],
  ]);
});

test("what is put back where it was has not changed", () => {
  const neighbours = new Neighbours([{ id: 1, geometry: polygon(...square(1)) }]);
  const grips = neighbours.grab([1, 1]);
  move(grips, [1.2, 1.1]);
  move(grips, [1, 1]);
  assert.deepEqual(neighbours.changed(), []);
});

test("an edge that passes a corner is given one", () => {
  const neighbours = new Neighbours([{ id: 1, geometry: polygon(...square(1)) }]);
  move(neighbours.grab([1.0000001, 0.4]), [0.8, 0.4]);
  assert.deepEqual(shapes(neighbours), [[1, [[1, 0], [2, 0], [2, 1], [1, 1], [0.8, 0.4]]]]);
  assert.deepEqual(neighbours.grab([0.5, 0.5]), []);
});

test("a corner comes and goes where two others are side by side, whichever way round", () => {
  for (const [before, after] of [[[1, 0], [1, 1]], [[1, 1], [1, 0]]]) {
    const neighbours = new Neighbours([{ id: 1, geometry: polygon(...square(1)) }, { id: 2, geometry: polygon(...square(1, 1)) }]);
    neighbours.insert(before, [1, 0.5], after);
    assert.deepEqual(shapes(neighbours), [[1, [[1, 0], [2, 0], [2, 1], [1, 1], [1, 0.5]]]]);
    neighbours.remove(before, [1, 0.5], after);
    assert.deepEqual(neighbours.changed(), []);
  }
});

test("a corner where three meet does not go with one border", () => {
  const neighbours = new Neighbours([{ id: 1, geometry: polygon(...square(1)) }]);
  neighbours.remove([1, 2], [1, 1], [1, 0]);
  assert.deepEqual(neighbours.changed(), []);
});

test("holes and parts follow too, and a shape keeps its kind", () => {
  const hole = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.2]];
  const closed = (ring) => [...ring, ring[0]];
  const geometry = { type: "MultiPolygon", coordinates: [[closed(square(0)), hole], [closed(square(3))]] };
  const neighbours = new Neighbours([{ id: 7, geometry }]);
  move(neighbours.grab([0.8, 0.8]), [0.9, 0.9]);
  const [{ id, geometry: moved, was }] = neighbours.changed();
  assert.equal(id, 7);
  assert.equal(moved.type, "MultiPolygon");
  assert.deepEqual(moved.coordinates[0][1], [[0.2, 0.2], [0.8, 0.2], [0.9, 0.9], [0.2, 0.2]]);
  assert.deepEqual(moved.coordinates[1], geometry.coordinates[1]);
  assert.deepEqual(was, geometry);
});

test("a step is taken back, and what was refused is taken up again", () => {
  const features = [{ id: 1, geometry: polygon(...square(1)) }, { id: 2, geometry: { type: "Point", coordinates: [1, 1] } }];
  const neighbours = new Neighbours(features);
  const before = neighbours.snapshot();
  move(neighbours.grab([1, 1]), [1.5, 1.5]);
  const moved = neighbours.changed();
  neighbours.restore(before);
  assert.deepEqual(neighbours.changed(), []);
  neighbours.resume(JSON.parse(JSON.stringify(moved)));
  assert.deepEqual(neighbours.changed(), moved);
  neighbours.reset();
  assert.deepEqual(neighbours.changed(), []);
});

test("a corner put upon the next one is one corner", () => {
  const [a, b, c, d] = square(0);
  assert.deepEqual(tidied(polygon(a, b, b, c, d)), polygon(a, b, c, d));
  assert.deepEqual(tidied(polygon(a, b, c, d, a)), polygon(b, c, d, a));
  assert.deepEqual(tidied(polygon(a, b, c, d)), polygon(a, b, c, d));
  const line = { type: "LineString", coordinates: [a, b, b, c, a] };
  assert.deepEqual(tidied(line).coordinates, [a, b, c, a]);
  const neighbours = new Neighbours([{ id: 1, geometry: polygon(...square(1)) }]);
  move(neighbours.grab([1, 0]), [1, 1]);
  neighbours.tidy();
  assert.deepEqual(shapes(neighbours), [[1, [[2, 0], [2, 1], [1, 1]]]]);
});
