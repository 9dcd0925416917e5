import assert from "node:assert/strict";
import test from "node:test";
import { topmost } from "../src/hit.js";
import { marksOf } from "../src/marks.js";
import { DrawnLayer } from "../src/styles.js";
import { flatLayer } from "./tile.js";

const declared = (name, geometry, style = {}, role = "subject") =>
  new DrawnLayer({ name, geometry, role, title: "name", label: name, fields: [], style: { by: null, classes: [{ value: null, colour: "#112233", shape: "circle", width: 4 }], tooltip: [], ...style } });
const FIELDS = declared("fields", "polygon", { tints: ["#111111", "#222222"], by: "leader", alertWithout: "leader" });
const ROADS = declared("roads", "line");
const SITES = declared("sites", "point", { sizeBy: "m2" });
const GROUND = declared("ground", "polygon", {}, "basemap");

const square = (id, x, size, properties) => ({ id, geometry: "polygon", parts: [[[x, 0], [x + size, 0], [x + size, size], [x, size]]], properties });
const dot = (id, x, y, m2) => ({ id, geometry: "point", parts: [[[x, y]]], properties: { m2 } });
const TILE = {
  ground: flatLayer([square(90, 0, 4096, {})]),
  fields: flatLayer([square(1, 0, 2048, { leader: "李", tint: 1 }), square(2, 2048, 2048, { tint: 0 })]),
  roads: flatLayer([{ id: 10, geometry: "line", parts: [[[0, 1600], [4096, 1600]]] }]),
  sites: flatLayer([dot(20, 800, 800, 900), dot(21, 816, 800, 1), dot(22, 4090, 800, 900)]),
};
// A tile of 256 px: 16 units are one px.
const VIEW = { k: 1 / 16, ox: 0, oy: 0, size: 256, zoom: 16 };
const FRAMES = [{ tile: TILE, view: VIEW, scale: 1, x0: 0, y0: 0, size: 256 }];
const LAYERS = [GROUND, FIELDS, ROADS, SITES];
const at = (x, y, touch = false, layers = LAYERS) => topmost(FRAMES, layers, x, y, 16, touch);

test("points lie above lines, lines above polygons", () => {
  assert.equal(at(42, 50).id, 20);
  assert.equal(at(20, 100).id, 10);
  assert.equal(at(20, 20).id, 1);
});

test("of two symbols the smaller, drawn on top, is hit", () => {
  assert.equal(at(51, 50).id, 21);
});

test("a case that is over is a dot beneath an open one, which answers", () => {
  const classes = [{ value: "open", colour: "#112233" }, { value: "closed", colour: "#445566", over: true }];
  const cases = declared("cases", "point", { by: "status", classes });
  const spot = (id, x, status) => ({ id, geometry: "point", parts: [[[x, 800]]], properties: { status } });
  const tile = { cases: flatLayer([spot(1, 800, "open"), spot(2, 816, "closed"), spot(3, 1600, "closed")]) };
  const drawn = marksOf(tile.cases, cases, VIEW);
  assert.deepEqual(drawn.map(({ r }) => r), [3.5, 3.5, 7]);
  const answer = (x) => topmost([{ ...FRAMES[0], tile }], [cases], x, 50, 16)?.id;
  assert.deepEqual([answer(50), answer(51), answer(100)], [1, 1, 3]);
});

test("the basemap does not answer, nor does a layer that is switched off", () => {
  assert.equal(at(20, 20, false, [GROUND]), null);
  assert.equal(at(20, 100, false, [GROUND, FIELDS]).id, 1);
});

test("a finger reaches farther than a mouse", () => {
  assert.equal(at(100, 92).id, 1);
  assert.equal(at(100, 92, true).id, 10);
});

test("a symbol is hit beyond the edge of the tile that owns it", () => {
  assert.equal(at(262, 50).id, 22);
});

test("a hit tells paint, properties and whether something is missing", () => {
  const [left, right] = [at(20, 20), at(200, 20)];
  assert.deepEqual([left.paint.colour, left.alert, left.properties.leader], ["#222222", false, "李"]);
  assert.deepEqual([right.paint.colour, right.alert], ["#111111", true]);
});
