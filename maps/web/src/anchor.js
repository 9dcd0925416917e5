// Where on a GeoJSON geometry a card points.

/** [longitude, latitude] on the geometry: a point, the middle vertex of a line, a place inside a polygon. */
export function anchorOf({ type, coordinates, geometries }) {
  if (type === "Point") return coordinates;
  if (type === "MultiPoint") return coordinates[0];
  if (type === "GeometryCollection") return anchorOf(geometries[0]);
  if (type.endsWith("LineString")) {
    const line = type === "LineString" ? coordinates : longest(coordinates);
    return line[Math.floor(line.length / 2)];
  }
  return insideOf(type === "Polygon" ? coordinates : longest(coordinates, (polygon) => polygon[0].length));
}

const longest = (parts, length = (part) => part.length) => parts.reduce((a, b) => (length(b) > length(a) ? b : a));

/** The middle of the widest stretch that lies inside, half-way up. */
function insideOf(rings) {
  const heights = rings[0].map(([, y]) => y);
  const y = (Math.min(...heights) + Math.max(...heights)) / 2;
  const crossings = rings.flatMap((ring) => crossingsAt(ring, y)).sort((a, b) => a - b);
  let [from, to] = crossings;
  for (let at = 2; at + 1 < crossings.length; at += 2) {
    if (crossings[at + 1] - crossings[at] > to - from) [from, to] = [crossings[at], crossings[at + 1]];
  }
  return [(from + to) / 2, y];
}

function crossingsAt(ring, y) {
  const found = [];
  for (let p = 0; p + 1 < ring.length; p++) {
    const [[ax, ay], [bx, by]] = [ring[p], ring[p + 1]];
    if (ay > y !== by > y) found.push(ax + ((y - ay) * (bx - ax)) / (by - ay));
  }
  return found;
}
