import assert from "node:assert/strict";
import test from "node:test";
import { exifOf, withExif } from "../src/field/exif.js";

// Heads of JPEGs as Pillow writes them, in both byte orders: turned (6), with time, zone and position.
const LITTLE =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/4QDaRXhpZgAASUkqAAgAAAADABIBAwABAAAABgAAAGmHBAABAAAAMgAAACWIBAABAAAAbAAAAAAAAAACAAOQAgAUAAAAUAAAABGQAgAHAAAAZAAAAAAAAAAyMDI2OjExOjIzIDA5OjAwOjAwACswODowMAAABAABAAIAAgAAAE4AAAACAAUAAwAAAKIAAAADAAIAAgAAAEUAAAAEAAUAAwAAALoAAAAAAAAAJAAAAAEAAAAlAAAAAQAAAAwAAAABAAAAZQAAAAEAAAAxAAAAAQAAADAAAAABAAAA/9oAAg==";
const BIG =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/4QDaRXhpZgAATU0AKgAAAAgAAwESAAMAAAABAAYAAIdpAAQAAAABAAAAMoglAAQAAAABAAAAbAAAAAAAApADAAIAAAAUAAAAUJARAAIAAAAHAAAAZAAAAAAyMDI2OjExOjIzIDA5OjAwOjAwACswODowMAAAAAQAAQACAAAAAk4AAAAAAgAFAAAAAwAAAKIAAwACAAAAAkUAAAAABAAFAAAAAwAAALoAAAAAAAAAJAAAAAEAAAAlAAAAAQAAAAwAAAABAAAAZQAAAAEAAAAxAAAAAQAAADAAAAAB/9oAAg==";
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

for (const [name, text] of Object.entries({ LITTLE, BIG })) {
  test(`time and place are read from ${name}, and the piece travels on, saying that nothing is turned`, () => {
    const { segment, taken_at, position } = exifOf(bytes(text));
    assert.equal(taken_at, "2026-11-23T09:00:00+08:00");
    near(position.lon, 101.83);
    near(position.lat, 36.62);
    const joined = withExif(new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 2]), segment);
    const again = exifOf(joined);
    assert.deepEqual([again.taken_at, again.position], [taken_at, position]);
    const turned = name === "LITTLE" ? [6, 0] : [0, 6];
    const find = (content) => Buffer.from(content).indexOf(Buffer.from(name === "LITTLE" ? [0x12, 1, 3, 0, 1, 0, 0, 0] : [1, 0x12, 0, 3, 0, 0, 0, 1])) + 8;
    assert.deepEqual([...bytes(text).slice(find(bytes(text))).slice(0, 2)], turned);
    assert.deepEqual([...joined.slice(find(joined)).slice(0, 2)], name === "LITTLE" ? [1, 0] : [0, 1]);
  });
}

test("a camera that names no zone has the phone's", () => {
  const plain = bytes(LITTLE);
  const at = Buffer.from(plain).indexOf(Buffer.from([0x11, 0x90]));
  plain[at] = 0x99;
  assert.equal(exifOf(plain, "+05:30").taken_at, "2026-11-23T09:00:00+05:30");
  assert.equal(exifOf(plain).taken_at, null);
});

test("what is no Exif, or a broken one, tells nothing and harms nothing", () => {
  assert.deepEqual(exifOf(new Uint8Array([1, 2, 3])), { segment: null, taken_at: null, position: null });
  let seed = 7;
  const random = (limit) => (seed = (seed * 1103515245 + 12345) % 2147483648) % limit;
  for (let n = 0; n < 5000; n += 1) {
    const broken = bytes(n % 2 ? BIG : LITTLE).slice(0, 60 + random(200));
    for (let m = 0; m < 4; m += 1) broken[random(broken.length)] = random(256);
    const { taken_at, position } = exifOf(broken);
    assert.ok(taken_at === null || !Number.isNaN(Date.parse(taken_at)));
    assert.ok(position === null || (Math.abs(position.lon) <= 180 && Math.abs(position.lat) <= 90));
  }
});
