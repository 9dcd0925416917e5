import assert from "node:assert/strict";
import { test } from "node:test";
import { around, average, contradicted, distance, fieldAt, reading, telling, within } from "../src/field/position.js";

const AT = 1_790_000_000_000;
const HERE = { lon: 101.82, lat: 36.62 };
const north = (metres, more = {}) => ({ ...HERE, lat: HERE.lat + metres / 111_195, accuracy_m: 10, at: AT, ...more });
const square = (x, y, size) => [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]];
const field = (code, ...rings) => ({ geometry: { type: "Polygon", coordinates: rings }, properties: { code } });

test("a degree of latitude is 111 km, and the date line is no distance", () => {
  assert.ok(Math.abs(distance({ lon: 0, lat: 0 }, { lon: 0, lat: 1 }) - 111_195) < 1);
  assert.ok(distance({ lon: 179.9999, lat: 0 }, { lon: -179.9999, lat: 0 }) < 23);
  assert.equal(distance(HERE, HERE), 0);
});

test("a reading without an accuracy, or from nowhere, is none", () => {
  const made = (longitude, latitude, accuracy) => reading({ coords: { longitude, latitude, accuracy }, timestamp: AT });
  assert.deepEqual(made(101, 36, 5), { lon: 101, lat: 36, accuracy_m: 5, at: AT });
  for (const bad of [[181, 0, 5], [0, 91, 5], [0, 0, 0], [0, 0, NaN], [NaN, 0, 5], [0, 0, Infinity], [0, 0, -1]]) assert.equal(made(...bad), null);
});

test("readings count by the inverse square of their accuracy", () => {
  const found = average([north(0, { accuracy_m: 5 }), north(30, { accuracy_m: 10 })]);
  assert.ok(Math.abs(distance(HERE, found) - 6) < 0.05); // 4 parts to 1
  assert.ok(Math.abs(found.accuracy_m - 6) < 1e-9);
  assert.equal(found.readings, 2);
  assert.equal(average([]), null);
});

test("the mean is never called better than the best reading", () => {
  const many = Array.from({ length: 100 }, () => north(0, { accuracy_m: 8 }));
  assert.ok(Math.abs(average(many).accuracy_m - 8) < 1e-9);
});

test("readings on both sides of the date line meet at it", () => {
  const found = average([{ lon: 179.9999, lat: 0, accuracy_m: 5, at: AT }, { lon: -179.9999, lat: 0, accuracy_m: 5, at: AT }]);
  assert.ok(Math.abs(Math.abs(found.lon) - 180) < 1e-6);
});

test("old and coarse readings do not tell", () => {
  const old = north(0, { at: AT - 60_000 });
  const coarse = north(5, { accuracy_m: 65 });
  const good = north(3, { accuracy_m: 6 });
  assert.deepEqual(telling([old, coarse, good], AT), [good]);
  assert.deepEqual(telling([old], AT), [old]); // an old one is better than none
});

test("after a walk only what came after it tells", () => {
  const before = [north(0), north(1), north(2)];
  const after = [north(60), north(62)];
  assert.deepEqual(telling([...before, ...after], AT), after);
  assert.equal(telling([north(0), north(20)], AT).length, 2); // within what the readings can differ by
});

test("a hole is outside, an island in it inside", () => {
  const holed = { type: "Polygon", coordinates: [square(0, 0, 10), square(4, 4, 2)] };
  assert.equal(within(holed, { lon: 2, lat: 2 }), true);
  assert.equal(within(holed, { lon: 5, lat: 5 }), false);
  assert.equal(within({ type: "MultiPolygon", coordinates: [holed.coordinates, [square(4.5, 4.5, 1)]] }, { lon: 5, lat: 5 }), true);
  assert.equal(within(holed, { lon: 11, lat: 5 }), false);
});

test("where a special field lies over a general one it is meant", () => {
  const fields = [field("general", square(0, 0, 10)), field("special", square(4, 4, 2))];
  assert.equal(fieldAt(fields, { lon: 5, lat: 5 }).properties.code, "special");
  assert.equal(fieldAt(fields, { lon: 1, lat: 1 }).properties.code, "general");
  assert.equal(fieldAt(fields, { lon: 50, lat: 1 }), null);
  assert.equal(fieldAt([{ geometry: null, properties: {} }], HERE), null);
});

test("every point of two neighbours lies in exactly one", () => {
  const fields = [field("west", square(0, 0, 1)), field("east", square(1, 0, 1))];
  for (let x = 0.05; x < 2; x += 0.1) for (const y of [0.1, 0.5, 0.9]) {
    assert.equal(fields.filter(({ geometry }) => within(geometry, { lon: x, lat: y })).length, 1);
  }
});

test("what is near is listed by distance, what has no place is not", () => {
  const site = (metres) => ({ geometry: { type: "Point", coordinates: [HERE.lon, north(metres).lat] } });
  const found = around([site(40), site(10), site(60), { geometry: null }], HERE, 50);
  assert.deepEqual(found.map(({ distance_m }) => Math.round(distance_m)), [10, 40]);
});

test("a photograph from elsewhere or from another hour is told, an unsaying one is not", () => {
  const device = { place: HERE, accuracy_m: 20, at: AT };
  const limits = { metres: 100, minutes: 15 };
  const photo = (metres, minutes) => ({ position: north(metres), taken_at: new Date(AT - minutes * 60_000).toISOString() });
  assert.deepEqual(contradicted(photo(110, 10), device, limits), { metres: null, minutes: null });
  assert.deepEqual(contradicted(photo(300, 90), device, limits), { metres: 300, minutes: 90 });
  assert.deepEqual(contradicted({ position: null, taken_at: null }, device, limits), { metres: null, minutes: null });
  assert.deepEqual(contradicted({ position: HERE, taken_at: "no time" }, { ...device, place: null }, limits), { metres: null, minutes: null });
});
