import assert from "node:assert/strict";
import test from "node:test";
import { Area } from "../src/area.js";
import { Boxes, boxAround } from "../src/boxes.js";
import { clip, joined, lengthOf, letters } from "../src/course.js";
import { flatLayer } from "./tile.js";

const polygon = (...ring) => flatLayer([{ id: 1, geometry: "polygon", parts: [ring] }]);
const line = (...points) => flatLayer([{ id: 1, geometry: "line", parts: [points] }]);
/** Piece of a tile of 100 units and px whose core begins at (x0, 0). */
const piece = (flat, x0) => ({ flat, i: 0, k: 1, ox: x0, oy: 0, core: { x0, y0: 0, x1: x0 + 100, y1: 100 } });

test("the pole of a polygon cut by a tile's edge lies in the middle of the whole", () => {
  const left = piece(polygon([20, 20], [104, 20], [104, 80], [20, 80]), 0);
  const right = piece(polygon([-4, 20], [80, 20], [80, 80], [-4, 80]), 100);
  const pole = new Area([left, right]).pole();
  assert.ok(Math.abs(pole.y - 50) < 2, `y ${pole.y}`);
  assert.ok(pole.depth > 28 && pole.depth <= 30, `depth ${pole.depth}`);
  assert.ok(pole.x > 45 && pole.x < 155);
});

test("the pole of a horseshoe lies in its body, not in the gap at the middle of its box", () => {
  const pole = new Area([piece(polygon([0, 0], [100, 0], [100, 100], [80, 100], [80, 40], [20, 40], [20, 100], [0, 100]), 0)]).pole();
  assert.ok(pole.y < 40);
});

test("a polygon that fills all there is to see is finite work and labelled in the middle", () => {
  const area = new Area([piece(polygon([-4, -4], [104, -4], [104, 104], [-4, 104]), 0)]);
  const pole = area.pole();
  assert.ok(Math.abs(pole.x - 50) < 2 && Math.abs(pole.y - 50) < 2);
});

test("what is cropped away holds no name", () => {
  const area = new Area([piece(polygon([0, 0], [100, 0], [100, 100], [0, 100]), 0)]);
  area.cropTo({ x0: 0, y0: 0, x1: 30, y1: 100 });
  assert.ok(area.pole().x < 30);
  area.cropTo({ x0: 300, y0: 0, x1: 400, y1: 100 });
  assert.equal(area.pole(), null);
});

test("a line cut by tiles is one course again, without what the buffers repeat", () => {
  const courses = joined([piece(line([10, 50], [104, 50]), 0), piece(line([-4, 50], [60, 50]), 100)]);
  assert.equal(courses.length, 1);
  assert.equal(lengthOf(courses[0]), 150);
});

test("a line is cut exactly at the edge of a rectangle", () => {
  const core = { x0: 0, y0: 0, x1: 100, y1: 100 };
  assert.deepEqual(clip([-50, 50], [50, 50], core), [[0, 50], [50, 50]]);
  assert.equal(clip([-50, -10], [150, -10], core), null);
});

test("a name runs from left to right whichever way its line was drawn", () => {
  for (const course of [[[0, 0], [100, 10]], [[100, 10], [0, 0]]]) {
    const placed = letters(course, 50, [12, 12, 12], true);
    assert.ok(placed[0].x < placed[2].x);
    assert.ok(Math.abs(placed[0].angle) < 0.2);
  }
});

test("on a steep line Chinese letters stand above one another, others are turned with the line", () => {
  for (const course of [[[50, 0], [55, 100]], [[55, 100], [50, 0]]]) {
    const standing = letters(course, 50, [12, 12, 12], true);
    assert.ok(standing[0].y < standing[2].y);
    assert.ok(Math.abs(standing[1].angle) < 0.2);
    assert.ok(Math.abs(letters(course, 50, [12, 12, 12], false)[1].angle) > 1.3);
  }
});

test("a name does not fit a short line, nor go round a sharp bend", () => {
  assert.equal(letters([[0, 0], [20, 0]], 10, [12, 12, 12], true), null);
  assert.equal(letters([[0, 0], [30, 0], [30, 30]], 30, [12, 12, 12], true), null);
});

test("a place once taken is not given again", () => {
  const boxes = new Boxes();
  assert.equal(boxes.claim([boxAround(0, 0, 100, 20), boxAround(0, 30, 100, 20)]), true);
  assert.equal(boxes.claim([boxAround(300, 0, 10, 10), boxAround(40, 5, 10, 10)]), false);
  assert.equal(boxes.claim([boxAround(300, 0, 10, 10)]), true, "a refused claim takes nothing");
});
