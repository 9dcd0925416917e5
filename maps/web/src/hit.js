// What lies under a point of the screen: the topmost feature, told from the decoded tiles.
import { contains, distanceToLine, properties } from "./flat.js";
import { partsOf, weightOf } from "./cells.js";
import { marksOf } from "./marks.js";
import { lineWidth } from "./styles.js";

/** Reach beyond a symbol or line, in px: a finger is blunter than a mouse. */
const REACH = { mouse: { point: 3, line: 4 }, touch: { point: 14, line: 12 } };
const WIDEST = 40;

/**
 * The topmost feature at (x, y), in the px of the frames, or null:
 * { layer, id, weight, parts, properties, paint, alert, at } with `at` the symbol's middle for points. What stands
 * for several (`weight` above 1) is no feature: it has no id, and the `parts` of its classes.
 */
export function topmost(frames, layers, x, y, zoom, touch = false) {
  const near = frames.filter((frame) => within(frame, x, y, WIDEST));
  const reach = REACH[touch ? "touch" : "mouse"];
  for (const layer of [...layers].reverse()) {
    if (!layer.answers || !layer.visibleAt(zoom)) continue;
    const found = FINDERS[layer.geometry](near, layer, x, y, zoom, reach);
    if (found) return describe(layer, found);
  }
  return null;
}

function describe(layer, { flat, i, at = null, r = 0 }) {
  const told = properties(flat, i);
  const weight = weightOf(flat, i);
  return {
    layer, at, r, weight, id: weight > 1 ? null : flat.ids[i], parts: partsOf(layer, told.sums), properties: told,
    paint: layer.paintOf(flat, i), alert: layer.alerts(flat, i),
  };
}

const within = ({ x0, y0, size }, x, y, margin) =>
  x >= x0 - margin && y >= y0 - margin && x < x0 + size + margin && y < y0 + size + margin;

/** Where (x, y) lies in a frame, in tile units. */
function toTile({ view, scale, x0, y0 }, x, y) {
  return { tx: ((x - x0) / scale - view.ox) / view.k, ty: ((y - y0) / scale - view.oy) / view.k };
}

const FINDERS = {
  point(frames, layer, x, y, zoom, reach) {
    let best = null;
    for (const frame of frames) {
      const flat = frame.tile[layer.name];
      if (!flat) continue;
      for (const { i, r, ...mark } of marksOf(flat, layer, frame.view)) {
        const at = { x: frame.x0 + mark.x * frame.scale, y: frame.y0 + mark.y * frame.scale };
        const beyond = Math.hypot(at.x - x, at.y - y) - r;
        // Of two symbols the pointer is in, the smaller lies on top, but for one that is over.
        const rank = beyond <= 0 ? r - (mark.paint.over ? 500 : 1000) : beyond;
        if (beyond <= reach.point && (!best || rank < best.rank)) best = { flat, i, at, r, rank };
      }
    }
    return best;
  },

  line(frames, layer, x, y, zoom, reach) {
    let best = null;
    for (const frame of frames.filter((frame) => within(frame, x, y, 0))) {
      const flat = frame.tile[layer.name];
      const { tx, ty } = toTile(frame, x, y);
      const unit = frame.view.k * frame.scale;
      for (let i = 0; i < (flat?.length ?? 0); i++) {
        const most = lineWidth(layer.paintOf(flat, i).width, zoom) / 2 + reach.line;
        if (outside(flat.boxes, i, tx, ty, most / unit)) continue;
        const distance = distanceToLine(flat, i, tx, ty) * unit;
        if (distance <= most && (!best || distance < best.distance)) best = { flat, i, distance };
      }
      if (flat) break;
    }
    return best;
  },

  polygon(frames, layer, x, y) {
    const frame = frames.find((candidate) => within(candidate, x, y, 0));
    const flat = frame?.tile[layer.name];
    if (!flat) return null;
    const { tx, ty } = toTile(frame, x, y);
    for (let i = flat.length - 1; i >= 0; i--) {
      if (!outside(flat.boxes, i, tx, ty, 0) && contains(flat, i, tx, ty)) return { flat, i };
    }
    return null;
  },
};

function outside(boxes, i, x, y, margin) {
  const b = 4 * i;
  return x < boxes[b] - margin || x > boxes[b + 2] + margin || y < boxes[b + 1] - margin || y > boxes[b + 3] + margin;
}
