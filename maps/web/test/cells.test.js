import assert from "node:assert/strict";
import test from "node:test";
import { partsOf, radiusFor, shortly } from "../src/cells.js";
import { topmost } from "../src/hit.js";
import { MARGIN, marksOf } from "../src/marks.js";
import { DrawnLayer } from "../src/styles.js";
import { flatLayer } from "./tile.js";

const CLASSES = [{ value: "open", colour: "#112233", label: "在办" }, { value: "closed", colour: "#445566", label: "办结", over: true }, { value: "other", colour: "#778899", label: "其他" }];
const CASES = new DrawnLayer({ name: "cases", label: "案件", geometry: "point", role: "subject", title: "name", style: { by: "status", classes: CLASSES, alertWithout: "unit", sizeBy: "m2" } });
const cell = (x, y, properties) => ({ id: 0, geometry: "point", parts: [[[x, y]]], properties });
const TILE = { cases: flatLayer([
  cell(800, 800, { weight: 900, sums: '{"open": 300, "closed": 600}', lacking: 7 }),
  { ...cell(2000, 800, { status: "open", name: "甲", unit: "乙" }), id: 20 },
  cell(3000, 800, { weight: 2, sums: '{"": 1, "open": 1}' }),
]) };
const VIEW = { k: 1 / 16, ox: 0, oy: 0, size: 256, zoom: 10 };
const FRAMES = [{ tile: TILE, view: VIEW, scale: 1, x0: 0, y0: 0, size: 256 }];
const at = (x, y) => topmost(FRAMES, [CASES], x, y, 10);

test("a cell tells its classes in the order of the legend, and those without one as the last", () => {
  const told = (sums) => partsOf(CASES, sums).map(({ paint, count }) => [paint.value, count]);
  assert.deepEqual(told('{"closed": 6, "open": 3}'), [["open", 3], ["closed", 6]]);
  assert.deepEqual(told('{"": 2, "other": 1}'), [["other", 3]]);
  assert.deepEqual(told(null), []);
});

test("the more there are the larger the symbol, and none is cut by its canvas", () => {
  const radii = [2, 50, 400, 1000, 10 ** 6].map(radiusFor);
  assert.deepEqual(radii, [...radii].sort((a, b) => a - b));
  assert.ok(radii.at(-1) < MARGIN && radii[0] < radii[2]);
});

test("marks of several and of one stand side by side", () => {
  const marks = marksOf(TILE.cases, CASES, VIEW);
  assert.deepEqual(marks.map(({ weight }) => weight).sort((a, b) => a - b), [1, 2, 900]);
  const many = marks.find(({ weight }) => weight === 900);
  assert.deepEqual([many.paint.value, many.alert, many.r], ["closed", false, radiusFor(900)]);
});

test("a hit on several says how many and is no feature", () => {
  const many = at(50, 50);
  assert.deepEqual([many.weight, many.id, many.alert, many.properties.lacking], [900, null, false, 7]);
  assert.deepEqual(many.parts.map(({ paint, count }) => [paint.label, count]), [["在办", 300], ["办结", 600]]);
  const one = at(125, 50);
  assert.deepEqual([one.weight, one.id, one.parts], [1, 20, []]);
});

test("figures are short enough for a symbol", () => {
  assert.equal(shortly(950, "en"), "950");
  assert.equal(shortly(12345, "en"), "12.3K");
  assert.equal(shortly(12345, "zh"), "1.2万");
});

test("united fields take the tint of their ground, and are hatched where nobody answers for any", () => {
  const fields = new DrawnLayer({ name: "fields", label: "网格", geometry: "polygon", role: "subject", title: "name", style: { by: "leader", alertWithout: "leader", tints: ["#111111", "#222222"], classes: [{ value: null, colour: "#333333" }] } });
  const ground = (x, properties) => ({ id: 0, geometry: "polygon", parts: [[[x, 0], [x + 900, 0], [x + 900, 900], [x, 900]]], properties });
  const tile = { fields: flatLayer([ground(0, { weight: 12, lacking: 3, tint: 1 }), ground(1000, { weight: 2, lacking: 2, tint: 0 })]) };
  const hit = (x) => topmost([{ ...FRAMES[0], tile }], [fields], x, 20, 10);
  assert.deepEqual([hit(20).paint.colour, hit(20).alert, hit(20).weight, hit(20).id], ["#222222", false, 12, null]);
  assert.equal(hit(90).alert, true);
});
