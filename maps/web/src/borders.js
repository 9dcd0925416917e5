// Corners that features have in common: found by their coordinates, to seven decimals, and moved together.
// Positions are [longitude, latitude]; rings have no closing position.

const DECIMALS = 7;
const ON_EDGE_DEG = 2e-7; // 2 cm: where a border ends in the middle of another's edge, rounding leaves that much

export const rounded = ([lon, lat]) => [Number(lon.toFixed(DECIMALS)), Number(lat.toFixed(DECIMALS))];

/** The neighbours of what is drawn: polygons whose corners follow it. */
export class Neighbours {
  /** `features` are GeoJSON: { id, geometry }. */
  constructor(features) {
    this.all = features.filter(({ geometry }) => geometry.type.endsWith("Polygon")).map(({ id, geometry }) => new Neighbour(id, geometry));
  }

  /** Whatever of the neighbours is at a place; an edge that passes there is given a corner first. */
  grab(at) {
    const place = rounded(at);
    return this.all.flatMap((neighbour) => neighbour.grab(place));
  }

  /** A corner came between two others: so it does wherever these two are neighbours' corners side by side. */
  insert(before, at, after) {
    for (const { rings } of this.all) for (const ring of rings) between(ring, rounded(before), rounded(after), (place) => ring.splice(place, 0, rounded(at)));
  }

  /** A corner between two others went: so it does wherever it stands between these two. */
  remove(before, at, after) {
    const [one, gone, other] = [before, at, after].map(rounded);
    for (const { rings } of this.all) {
      for (const ring of rings) {
        const place = ring.findIndex((corner) => same(corner, gone));
        if (place < 0 || ring.length < 4) continue;
        const beside = [ring[(place || ring.length) - 1], ring[(place + 1) % ring.length]];
        if ((same(beside[0], one) && same(beside[1], other)) || (same(beside[0], other) && same(beside[1], one))) ring.splice(place, 1);
      }
    }
  }

  /** Takes out corners that were put upon the next one. */
  tidy() {
    for (const { rings } of this.all) for (const ring of rings) ring.splice(0, ring.length, ...apart(ring));
  }

  /** Those that are no longer as they were fetched: { id, geometry, was }. */
  changed() {
    return this.all.filter((neighbour) => neighbour.isChanged()).map(({ id, geometry, was }) => ({ id, geometry, was }));
  }

  snapshot() {
    return this.all.map(({ parts }) => copied(parts));
  }

  restore(snapshot) {
    this.all.forEach((neighbour, place) => (neighbour.parts = copied(snapshot[place])));
  }

  /** Makes all of them as they were fetched. */
  reset() {
    for (const neighbour of this.all) neighbour.parts = partsOf(neighbour.was);
  }

  /** Gives those named the shapes that they had been given before, in an edit that was refused. */
  resume(moved) {
    for (const { id, geometry } of moved) {
      const neighbour = this.all.find((each) => each.id === id);
      if (neighbour) neighbour.parts = partsOf(geometry);
    }
  }
}

/** One neighbour: its parts are lists of rings, a plain polygon has one. */
class Neighbour {
  constructor(id, geometry) {
    Object.assign(this, { id, was: geometry, parts: partsOf(geometry) });
    this.original = JSON.stringify(this.parts);
  }

  get rings() {
    return this.parts.flat();
  }

  get geometry() {
    const parts = this.parts.map((rings) => rings.map(close));
    return this.was.type === "Polygon" ? { type: "Polygon", coordinates: parts[0] } : { type: "MultiPolygon", coordinates: parts };
  }

  isChanged() {
    return JSON.stringify(this.parts) !== this.original;
  }

  grab(place) {
    const grips = [];
    for (const ring of this.rings) {
      if (!ring.some((corner) => same(corner, place))) openAt(ring, place);
      ring.forEach((corner, index) => same(corner, place) && grips.push({ neighbour: this, ring, index }));
    }
    return grips;
  }
}

/** The geometry of a line or polygon without corners that were put upon the next one. */
export function tidied({ type, coordinates }) {
  const depth = { LineString: 0, MultiLineString: 1, Polygon: 1, MultiPolygon: 2 }[type];
  const closed = type.endsWith("Polygon");
  const tidy = (parts, level) => (level ? parts.map((part) => tidy(part, level - 1)) : closed ? close(apart(parts.slice(0, -1))) : apart(parts, false));
  return { type, coordinates: tidy(coordinates, depth) };
}

/** Puts what was grabbed somewhere else. */
export function move(grips, to) {
  for (const { ring, index } of grips) ring[index] = rounded(to);
}

const close = (ring) => [...ring, ring[0]];

/** Corners of which none is where the one before is; in a ring the last is before the first. */
function apart(corners, closed = true) {
  return corners.filter((corner, place) => (place || closed) && corners.length > 1 ? !same(corner, corners[(place || corners.length) - 1]) : true);
}

function partsOf({ type, coordinates }) {
  const parts = type === "Polygon" ? [coordinates] : coordinates;
  return parts.map((rings) => rings.map((ring) => ring.slice(0, -1).map(rounded)));
}

// structuredClone is younger than the browsers that we build for.
const copied = (parts) => JSON.parse(JSON.stringify(parts));

function same([lon, lat], [otherLon, otherLat]) {
  return lon === otherLon && lat === otherLat;
}

/** Calls `at` with the place between two corners that stand side by side, in either order. */
function between(ring, one, other, at) {
  for (let place = 0; place < ring.length; place += 1) {
    const [here, next] = [ring[place], ring[(place + 1) % ring.length]];
    if ((same(here, one) && same(next, other)) || (same(here, other) && same(next, one))) return at(place + 1);
  }
}

/** Gives the ring a corner where one of its edges passes. */
function openAt(ring, place) {
  for (let index = 0; index < ring.length; index += 1) {
    if (distance(place, ring[index], ring[(index + 1) % ring.length]) < ON_EDGE_DEG) return ring.splice(index + 1, 0, place);
  }
}

/** From a place to the edge between two corners, in degrees. */
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const along = dx || dy ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))) : 0;
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
