// Writing small vector tiles, for tests.
import { PbfWriter } from "pbf";
import { decodeTile } from "../src/decode.js";

const TYPES = { point: 1, line: 2, polygon: 3 };

/** A decoded layer of features { id, geometry: "point" | "line" | "polygon", parts: [[[x, y], …], …], properties }. */
export function flatLayer(features, name = "things") {
  return decodeTile(encode(name, features))[name];
}

export function encode(name, features) {
  const keys = [...new Set(features.flatMap(({ properties = {} }) => Object.keys(properties)))];
  const values = [...new Set(features.flatMap(({ properties = {} }) => Object.values(properties)))];
  const pbf = new PbfWriter();
  pbf.writeMessage(3, (_, out) => {
    out.writeStringField(1, name);
    for (const feature of features) out.writeMessage(2, (one, into) => writeFeature(one, into, keys, values), feature);
    for (const key of keys) out.writeStringField(3, key);
    for (const value of values) out.writeMessage(4, writeValue, value);
    out.writeVarintField(5, 4096);
    out.writeVarintField(15, 2);
  }, null);
  const bytes = pbf.finish();
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

function writeFeature({ id, geometry, parts, properties = {} }, out, keys, values) {
  out.writeVarintField(1, id);
  out.writePackedVarint(2, Object.entries(properties).flatMap(([key, value]) => [keys.indexOf(key), values.indexOf(value)]));
  out.writeVarintField(3, TYPES[geometry]);
  out.writePackedVarint(4, commands(geometry, parts));
}

function writeValue(value, out) {
  if (typeof value === "string") out.writeStringField(1, value);
  else out.writeDoubleField(3, value);
}

function commands(geometry, parts) {
  const zigzag = (n) => (n << 1) ^ (n >> 31);
  let [x, y] = [0, 0];
  const steps = (points) => points.flatMap(([px, py]) => {
    const step = [zigzag(px - x), zigzag(py - y)];
    [x, y] = [px, py];
    return step;
  });
  return parts.flatMap(([first, ...rest]) => [
    9, ...steps([first]),
    ...(rest.length ? [(rest.length << 3) | 2, ...steps(rest)] : []),
    ...(geometry === "polygon" ? [15] : []),
  ]);
}
