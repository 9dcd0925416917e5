// Occupied rectangles on the screen, found through a coarse grid.

const CELL = 64;

export class Boxes {
  constructor() {
    this.cells = new Map();
  }

  /** Takes a rectangle { x0, y0, x1, y1 }. */
  add(box) {
    for (const key of cellsOf(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }

  isFree(box) {
    return cellsOf(box).every((key) => !this.cells.get(key)?.some((other) => overlap(box, other)));
  }

  /** Takes all of them, or none when one is not free. */
  claim(boxes) {
    const free = boxes.every((box) => this.isFree(box));
    if (free) boxes.forEach((box) => this.add(box));
    return free;
  }
}

export const overlap = (a, b) => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;

function cellsOf({ x0, y0, x1, y1 }) {
  const keys = [];
  for (let column = Math.floor(x0 / CELL); column <= Math.floor(x1 / CELL); column++) {
    for (let row = Math.floor(y0 / CELL); row <= Math.floor(y1 / CELL); row++) keys.push(`${column} ${row}`);
  }
  return keys;
}

export const boxAround = (x, y, width, height) => ({ x0: x - width / 2, y0: y - height / 2, x1: x + width / 2, y1: y + height / 2 });

export const within = (outer, box) => box.x0 >= outer.x0 && box.y0 >= outer.y0 && box.x1 <= outer.x1 && box.y1 <= outer.y1;
