import assert from "node:assert/strict";
import { test } from "node:test";
import { fromOpen } from "../src/field/near.js";
import { day, lasting } from "../src/field/saying.js";
import { addresses } from "../src/field/tiles.js";
import { wordsFor } from "../src/field/words.js";

test("ranges of tiles are named with both ends, in the order of the template", () => {
  const tiles = { url: "/tiles/{z}/{y}/{x}?collections=water", ranges: [{ z: 12, x: [3, 4], y: [7, 7] }, { z: 13, x: [6, 6], y: [14, 15] }] };
  assert.deepEqual(addresses(tiles), ["/tiles/12/7/3", "/tiles/12/7/4", "/tiles/13/14/6", "/tiles/13/15/6"].map((path) => `${path}?collections=water`));
  assert.deepEqual(addresses(null), []);
});

test("of the open cases those of the same layer and kind within the distance are perhaps the same", () => {
  const at = (metres, more) => ({
    geometry: { type: "Point", coordinates: [101.82, 36.62 + metres / 111_195] },
    properties: { layer: "sites", id: metres, title: `${metres}`, kind: "06010", recorded_at: "2026-11-20", ...more },
  });
  const open = { features: [at(40), at(10), at(12, { kind: "06013" }), at(14, { layer: "shop_inspections" }), at(20, { kind: null }), { geometry: null, properties: { layer: "sites" } }] };
  const form = { layer: "sites", near: { metres: 30 } };
  const found = fromOpen(form, { lon: 101.82, lat: 36.62 }, { kind: "06010", open });
  assert.deepEqual(found.map(({ id }) => id), [10, 20]);
});

test("days and spans are said as people say them", () => {
  assert.equal(day("2026-11-23T09:00:00+08:00"), "2026-11-23");
  assert.equal(day(null), "");
  const words = wordsFor("zh");
  assert.deepEqual([90, 300, 4320].map((minutes) => lasting(minutes, words)), ["90 分钟", "5 小时", "3 天"]);
});
