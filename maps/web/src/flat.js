// Reading the flat layers that decode.js makes.

export function value(layer, i, key) {
  const column = layer.columns[key];
  const place = column ? column.index[i] : 0;
  return place ? column.values[place - 1] : null;
}

export function properties(layer, i) {
  return Object.fromEntries(Object.keys(layer.columns).map((key) => [key, value(layer, i, key)]));
}

/** Calls visit(first, end) with the range of `xy` of each part of feature i. */
export function eachPart(layer, i, visit) {
  for (let part = layer.parts[i]; part < layer.parts[i + 1]; part++) visit(layer.starts[part], layer.starts[part + 1]);
}

/** Calls visit(i) for each feature whose box touches a rectangle in tile units. */
export function eachTouching({ boxes, length }, x0, y0, x1, y1, visit) {
  for (let i = 0, b = 0; i < length; i++, b += 4) {
    if (boxes[b + 2] >= x0 && boxes[b] <= x1 && boxes[b + 3] >= y0 && boxes[b + 1] <= y1) visit(i);
  }
}

/** Whether the even-odd rule puts (x, y), in tile units, inside polygon i. */
export function contains(layer, i, x, y) {
  const { xy } = layer;
  let inside = false;
  eachPart(layer, i, (first, end) => {
    for (let p = first, q = end - 2; p < end; q = p, p += 2) {
      const crosses = xy[p + 1] > y !== xy[q + 1] > y;
      if (crosses && x < ((xy[q] - xy[p]) * (y - xy[p + 1])) / (xy[q + 1] - xy[p + 1]) + xy[p]) inside = !inside;
    }
  });
  return inside;
}

/** Distance from (x, y) to line i, in tile units. */
export function distanceToLine(layer, i, x, y) {
  const { xy } = layer;
  let least = Infinity;
  eachPart(layer, i, (first, end) => {
    for (let p = first; p + 3 < end; p += 2) {
      least = Math.min(least, distanceSquared(x, y, xy[p], xy[p + 1], xy[p + 2], xy[p + 3]));
    }
  });
  return Math.sqrt(least);
}

/** Squared distance from (x, y) to the segment a–b. */
export function distanceSquared(x, y, ax, ay, bx, by) {
  const dx = bx - ax;
  const dy = by - ay;
  const along = dx || dy ? ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy) : 0;
  const t = Math.max(0, Math.min(1, along));
  return (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2;
}
