// A polygon put together again from its tiles, and the place within it that is farthest from every border.
import { contains, distanceSquared, eachPart } from "./flat.js";

const SMALLEST = 4; // px; what is narrower holds no name
const MOST_CELLS = 200; // a good place is enough, however ragged the border

/** The pieces of one polygon in px: { flat, i, k, ox, oy, core: {x0, y0, x1, y1} }. */
export class Area {
  constructor(pieces) {
    this.pieces = pieces;
    this.segments = pieces.flatMap(borderOf);
    this.box = pieces.map(boxOf).reduce(union);
  }

  inside(x, y) {
    return this.pieces.some(({ flat, i, k, ox, oy, core }) =>
      x >= core.x0 && x < core.x1 && y >= core.y0 && y < core.y1 && contains(flat, i, (x - ox) / k, (y - oy) / k),
    );
  }

  /** Distance to the nearest border or edge of the box, negative outside the polygon. */
  depth(x, y) {
    const { x0, y0, x1, y1 } = this.box;
    const toEdge = Math.min(x - x0, x1 - x, y - y0, y1 - y);
    let least = toEdge ** 2;
    for (const [ax, ay, bx, by] of this.segments) least = Math.min(least, distanceSquared(x, y, ax, ay, bx, by));
    return Math.sqrt(least) * (toEdge > 0 && this.inside(x, y) ? 1 : -1);
  }

  /** Keeps only what lies within a rectangle. */
  cropTo({ x0, y0, x1, y1 }) {
    const { box } = this;
    this.box = { x0: Math.max(box.x0, x0), y0: Math.max(box.y0, y0), x1: Math.min(box.x1, x1), y1: Math.min(box.y1, y1) };
    this.segments = this.segments.filter((segment) => !beyond(segment, this.box));
  }

  /** The pole of inaccessibility to `precision` px: { x, y, depth }, or null when nothing is left. */
  pole(precision = 2) {
    const { x0, y0, x1, y1 } = this.box;
    const size = Math.min(x1 - x0, y1 - y0);
    if (!(size > SMALLEST)) return null;
    let cells = this.#grid(size);
    let best = this.#cell((x0 + x1) / 2, (y0 + y1) / 2, 0);
    for (let tried = 0; cells.length && tried < MOST_CELLS; tried++) {
      cells.sort((a, b) => a.most - b.most);
      const cell = cells.pop();
      if (cell.depth > best.depth) best = cell;
      if (cell.most - best.depth <= precision) break;
      cells.push(...this.#quarters(cell));
    }
    return best.depth > 0 ? best : null;
  }

  #grid(size) {
    const half = size / 2;
    const cells = [];
    for (let x = this.box.x0; x < this.box.x1; x += size) {
      for (let y = this.box.y0; y < this.box.y1; y += size) cells.push(this.#cell(x + half, y + half, half));
    }
    return cells;
  }

  #quarters({ x, y, half }) {
    const h = half / 2;
    return [[-h, -h], [h, -h], [-h, h], [h, h]].map(([dx, dy]) => this.#cell(x + dx, y + dy, h));
  }

  #cell(x, y, half) {
    const depth = this.depth(x, y);
    return { x, y, half, depth, most: depth + half * Math.SQRT2 };
  }
}

/** Edges of the piece that are borders of the polygon, not of the tile: those not wholly beyond the core. */
function borderOf({ flat, i, k, ox, oy, core }) {
  const { xy } = flat;
  const found = [];
  eachPart(flat, i, (first, end) => {
    for (let p = first; p + 3 < end; p += 2) {
      const segment = [xy[p] * k + ox, xy[p + 1] * k + oy, xy[p + 2] * k + ox, xy[p + 3] * k + oy];
      if (!beyond(segment, core)) found.push(segment);
    }
  });
  return found;
}

function beyond([ax, ay, bx, by], { x0, y0, x1, y1 }) {
  return (ax < x0 && bx < x0) || (ax > x1 && bx > x1) || (ay < y0 && by < y0) || (ay > y1 && by > y1);
}

/** The box of a piece within its tile. */
export function boxOf({ flat: { boxes }, i, k, ox, oy, core }) {
  return {
    x0: Math.max(core.x0, boxes[4 * i] * k + ox), y0: Math.max(core.y0, boxes[4 * i + 1] * k + oy),
    x1: Math.min(core.x1, boxes[4 * i + 2] * k + ox), y1: Math.min(core.y1, boxes[4 * i + 3] * k + oy),
  };
}

export const union = (a, b) => ({ x0: Math.min(a.x0, b.x0), y0: Math.min(a.y0, b.y0), x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1) });
