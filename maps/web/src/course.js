// A line put together again from its tiles, and text laid along it.
import { eachPart } from "./flat.js";

const JOIN = 1.5; // px between two ends that are one
const STEEPEST_BEND = 0.5; // radians from one letter to the next
const TOTAL_BEND = 1.2; // radians along the whole name

/** The longest courses (arrays of [x, y] in px) that the pieces of one line make together. */
export function joined(pieces) {
  const open = pieces.flatMap(partsWithin);
  const done = [];
  while (open.length) {
    let course = open.pop();
    for (let at = 0; at < open.length; at++) {
      const longer = join(course, open[at]);
      if (!longer) continue;
      course = longer;
      open.splice(at, 1);
      at = -1;
    }
    done.push(course);
  }
  return done.sort((a, b) => lengthOf(b) - lengthOf(a));
}

const lastOf = (course) => course[course.length - 1];

function join(a, b) {
  const near = (p, q) => Math.hypot(p[0] - q[0], p[1] - q[1]) < JOIN;
  if (near(lastOf(a), b[0])) return [...a, ...b.slice(1)];
  if (near(lastOf(b), a[0])) return [...b, ...a.slice(1)];
  if (near(lastOf(a), lastOf(b))) return [...a, ...b.slice(0, -1).reverse()];
  if (near(a[0], b[0])) return [...a.slice(1).reverse(), ...b];
  return null;
}

/** The parts of a piece within the core of its tile, cut exactly at its edge. */
function partsWithin({ flat, i, k, ox, oy, core }) {
  const { xy } = flat;
  const found = [];
  eachPart(flat, i, (first, end) => {
    let current = null;
    for (let p = first; p + 3 < end; p += 2) {
      const cut = clip([xy[p] * k + ox, xy[p + 1] * k + oy], [xy[p + 2] * k + ox, xy[p + 3] * k + oy], core);
      if (!cut) continue;
      if (current && lastOf(current)[0] === cut[0][0] && lastOf(current)[1] === cut[0][1]) current.push(cut[1]);
      else found.push((current = cut));
    }
  });
  return found;
}

/** Liang and Barsky: the part of a–b within the rectangle, or null. */
export function clip(a, b, { x0, y0, x1, y1 }) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  let [from, to] = [0, 1];
  for (const [towards, room] of [[-dx, a[0] - x0], [dx, x1 - a[0]], [-dy, a[1] - y0], [dy, y1 - a[1]]]) {
    if (towards === 0 && room < 0) return null;
    if (towards < 0) from = Math.max(from, room / towards);
    if (towards > 0) to = Math.min(to, room / towards);
  }
  if (from > to) return null;
  const at = (t) => [a[0] + t * dx, a[1] + t * dy];
  return [from === 0 ? a : at(from), to === 1 ? b : at(to)];
}

export function lengthOf(course) {
  let length = 0;
  for (let p = 1; p < course.length; p++) length += Math.hypot(course[p][0] - course[p - 1][0], course[p][1] - course[p - 1][1]);
  return length;
}

/**
 * Letters along a course, round the place `middle` px from its start: [{ x, y, angle }] for each
 * advance, or null where the course is too short or bends too much. Never upside down; where the
 * course is steep, `upright` letters (Chinese) stand above one another.
 */
export function letters(course, middle, advances, upright) {
  const total = advances.reduce((sum, advance) => sum + advance, 0);
  const start = middle - total / 2;
  if (start < 0 || start + total > lengthOf(course)) return null;
  const [ends, swap] = readingDirection(pointAt(course, start), pointAt(course, start + total));
  const stand = upright && ends.steep;
  const turned = stand ? ends.rises : swap;
  const placed = [];
  let along = turned ? start + total : start;
  for (const advance of advances) {
    const next = along + (turned ? -advance : advance);
    const [p, q] = [pointAt(course, along), pointAt(course, next)];
    const tangent = Math.atan2(q[1] - p[1], q[0] - p[0]);
    placed.push({ x: (p[0] + q[0]) / 2, y: (p[1] + q[1]) / 2, tangent, angle: stand ? tangent - Math.PI / 2 : tangent });
    along = next;
  }
  return bendsTooMuch(placed) ? null : placed;
}

function readingDirection([ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  return [{ steep: Math.abs(dy) > 1.3 * Math.abs(dx), rises: dy < 0 }, dx < 0];
}

function bendsTooMuch(placed) {
  const turn = (a, b) => Math.abs(Math.atan2(Math.sin(b - a), Math.cos(b - a)));
  let sum = 0;
  for (let at = 1; at < placed.length; at++) {
    const bend = turn(placed[at - 1].tangent, placed[at].tangent);
    if (bend > STEEPEST_BEND) return true;
    sum += bend;
  }
  return sum > TOTAL_BEND;
}

function pointAt(course, distance) {
  let left = distance;
  for (let p = 1; p < course.length; p++) {
    const [a, b] = [course[p - 1], course[p]];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (left <= length && length) return [a[0] + ((b[0] - a[0]) * left) / length, a[1] + ((b[1] - a[1]) * left) / length];
    left -= length;
  }
  return lastOf(course);
}
