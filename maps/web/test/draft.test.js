import assert from "node:assert/strict";
import { test } from "node:test";
import { begun, finished, isEmpty, isWhole, missing, parsed, placeOf, positionOf } from "../src/field/draft.js";

const FORM = {
  layer: "sites",
  photos: 1,
  fields: [
    { name: "matter", type: "text", required: true },
    { name: "note", type: "text", required: false },
    { name: "count", type: "integer", required: false },
  ],
};
const AT = "2026-11-23T09:00:00.000+08:00";
const MEASURED = { lon: 101.82000000012, lat: 36.62, accuracy_m: 6.04999, readings: 4, at: Date.parse(AT) };
const HAND = { lon: 101.83, lat: 36.63 };
const PHOTO = { sha256: "a".repeat(64), role: "far", taken_at: null };
const made = (more = {}) => ({ ...begun("u", FORM, AT), ...more });

test("an empty draft says what it lacks, in the order of the screen", () => {
  const lacks = missing(made(), FORM);
  assert.deepEqual(lacks, { photos: 1, fields: ["matter"], invalid: [], place: "place" });
  assert.equal(isWhole(lacks), false);
  assert.equal(isEmpty(made()), true);
});

test("what was measured suffices, what is pointed out comes before it, and it is kept", () => {
  const whole = made({ values: { matter: "06010" }, photos: [PHOTO], measured: MEASURED });
  assert.equal(isWhole(missing(whole, FORM)), true);
  assert.equal(positionOf(whole), "measured");
  const moved = { ...whole, hand: HAND };
  const { feature } = finished(moved, FORM, { at: AT, title: "t" });
  assert.deepEqual(feature.geometry.coordinates, [101.83, 36.63]);
  assert.equal(feature.captured.position, "by_hand");
  assert.deepEqual(feature.captured.measured, { lon: 101.82, lat: 36.62, accuracy_m: 6, readings: 4, at: new Date(AT).toISOString() });
});

test("without a position a reason and a field are wanted, and no coordinates are sent", () => {
  const without = made({ values: { matter: "06010" }, photos: [PHOTO], noFix: "indoors" });
  assert.equal(missing(without, FORM).place, "reason");
  const chosen = { ...without, field: "630102007001001", measured: MEASURED };
  assert.equal(positionOf(chosen), "field");
  assert.equal(placeOf(chosen), null);
  const { feature } = finished(chosen, FORM, { at: AT, title: "t" });
  assert.equal(feature.geometry, null);
  assert.equal(feature.captured.no_fix, "indoors");
  assert.equal(feature.captured.field, "630102007001001");
  assert.equal(feature.captured.measured.readings, 4, "what was measured is kept all the same");
});

test("a place pointed out needs no reason", () => {
  const pointed = made({ noFix: "denied", field: "x", hand: HAND });
  assert.equal(positionOf(pointed), "by_hand");
  const { captured } = finished(pointed, FORM, { at: AT, title: "t" }).feature;
  assert.equal(captured.no_fix, null);
  assert.equal(captured.field, null);
});

test("only what was asked for and entered is sent", () => {
  const { feature } = finished(made({ values: { matter: " 06010 ", note: "", count: "３", stray: 1 }, photos: [PHOTO] }), FORM, { at: AT, title: "t" });
  assert.deepEqual(feature.properties, { matter: "06010", count: 3 });
  assert.deepEqual(feature.photos, [PHOTO]);
});

test("numbers are read as people type them, and what is none is told", () => {
  assert.equal(parsed({ type: "decimal" }, "１．５"), 1.5);
  assert.equal(parsed({ type: "integer" }, "-7"), -7);
  for (const bad of ["1.5", "七", "1e3", "0x10", " "]) assert.equal(parsed({ type: "integer" }, bad), undefined);
  assert.deepEqual(missing(made({ values: { count: "many" } }), FORM).invalid, ["count"]);
  assert.equal(parsed({ type: "boolean" }, "true"), true);
  assert.equal(parsed({ type: "boolean" }, false), false);
});
