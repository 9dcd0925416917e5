import assert from "node:assert/strict";
import test from "node:test";
import { groundColour, toHsl } from "../src/palette.js";
import { DrawnLayer, lineWidth, streetWidth } from "../src/styles.js";
import { classLabel, ellipsise, escapeHtml, rows, titleOf } from "../src/values.js";
import { formatHash, parseHash } from "../src/view.js";
import { wordsFor } from "../src/words.js";

const words = wordsFor("zh");
const LAYER = new DrawnLayer({
  name: "sites", label: "违建", role: "subject", geometry: "point", title: "number",
  style: { by: "status", classes: [{ value: "filed", label: "已立案", colour: "#F4A736", shape: "diamond" }], alertWithout: "leader", alertLabel: "无领导", tooltip: [] },
  fields: [
    { name: "number", label: "编号", type: "text" },
    { name: "status", label: "状态", type: "text", choices: { filed: "已立案" } },
    { name: "built", label: "建成", type: "integer", unit: "年" },
    { name: "area", label: "面积", type: "decimal", unit: "㎡" },
    { name: "found_on", label: "发现", type: "date" },
    { name: "checked", label: "核实", type: "boolean" },
    { name: "leader", label: "领导", type: "text" },
  ],
});

test("a card lists what has a value, with units and words, years without separators", () => {
  const properties = { number: "1号", status: "filed", built: 1988, area: 12345.5, found_on: "2017-03-09", checked: false, leader: null };
  assert.deepEqual(rows(LAYER, properties, words, "zh"), [
    ["状态", "已立案"], ["建成", "1988 年"], ["面积", "12,345.5 ㎡"], ["发现", "2017-03-09"], ["核实", "否"],
  ]);
});

test("a title too long for the heading is listed in full", () => {
  const long = "长".repeat(10000);
  assert.deepEqual(rows(LAYER, { number: long }, words, "zh"), [["编号", long]]);
});

test("a value outside the choices is shown as it is", () => {
  assert.deepEqual(rows(LAYER, { status: "{{7*7}}" }, words, "zh"), [["状态", "{{7*7}}"]]);
});

test("a feature without a title is named by its layer and number", () => {
  assert.equal(titleOf(LAYER, { number: null }, 12, words), "违建 12");
  assert.equal(classLabel(LAYER, { status: "filed" }, false), "已立案");
  assert.equal(classLabel(LAYER, { status: "filed" }, true), "无领导");
});

test("a name on the map is one short line", () => {
  assert.equal(ellipsise("林家崖\n社区"), "林家崖 社区");
  assert.equal(ellipsise("长".repeat(10000)), `${"长".repeat(14)}…`);
  assert.equal(ellipsise("abcdefghijklmnopqrstuvwxyz"), "abcdefghijklmnopqrstuvwxy…");
  assert.equal(ellipsise("\u0000 \t"), "");
});

test("text for Leaflet's attribution cannot become markup", () => {
  assert.equal(escapeHtml(`<img src=x onerror="a('&')">`), "&#60;img src=x onerror=&#34;a(&#39;&#38;&#39;)&#34;&#62;");
});

test("the address keeps a view and refuses nonsense", () => {
  assert.equal(formatHash({ zoom: 16, lat: 36.62, lng: 101.8 }), "#16/36.62000/101.80000");
  assert.deepEqual(parseHash("#16/36.62000/101.80000"), { zoom: 16, lat: 36.62, lng: 101.8 });
  for (const bad of ["", "#16/36.6", "#99/36/101", "#16/95/101", "#16/36/<b>"]) assert.equal(parseHash(bad), null);
});

test("in the dark water stays darker than a half-opaque field, and streets are the lightest ground", () => {
  const lightness = (colour) => Number(/(\d+)%\)$/.exec(colour)[1]);
  const [water, street] = [groundColour("#B9D7EA", "polygon", true), groundColour("#FFFFFF", "line", true)];
  assert.ok(lightness(water) < 25 && lightness(street) > lightness(water));
  assert.equal(groundColour("#B9D7EA", "polygon", false), "#B9D7EA");
  assert.ok(Math.abs(toHsl("#0000FF").hue - 240) < 1e-9);
});

test("symbols grow with the root of their size, lines with the zoom", () => {
  const layer = new DrawnLayer({ ...LAYER, style: { ...LAYER.style, sizeBy: "area" } });
  const tile = { columns: { area: { values: [100, 400, 1e9], index: [1, 2, 3, 0] } } };
  layer.largestSize = 400;
  assert.deepEqual([0, 1, 2, 3].map((i) => layer.radiusOf(tile, i, 16)), [7, 14, 14, 5.5]);
  assert.equal(layer.radiusOf(tile, 0, 15), 7);
  assert.ok(layer.radiusOf(tile, 0, 14) < 7 && layer.radiusOf(tile, 0, 13) < layer.radiusOf(tile, 0, 14));
  assert.equal(layer.radiusOf(tile, 0, 3), 3.5);
  assert.ok(lineWidth(6, 18) > lineWidth(6, 16) && lineWidth(6, 16) === 6 && lineWidth(6, 1) >= 0.8);
  assert.equal(streetWidth(9, 15), lineWidth(9, 15));
  assert.ok(streetWidth(9, 12) < lineWidth(9, 12) && streetWidth(9, 12) > 0 && streetWidth(2.5, 11) === 0);
});
