// Where one stands: readings of the device averaged, the field around a point, what lies near. Pure; degrees are WGS 84.

const EARTH_M = 6_371_008.8; // mean radius
const RADIAN = Math.PI / 180;
const KEPT_MS = 45_000; // older readings say where one was
const COARSE = 3; // a reading this many times as coarse as the best one adds nothing but noise
const LEAST_M = 1; // what no phone is better than, whatever it says
const MOVED = 1.5; // of both accuracies together: farther apart, somebody has walked on

/** Metres between two places { lon, lat }, along the great circle. */
export function distance(a, b) {
  const [lat1, lat2] = [a.lat * RADIAN, b.lat * RADIAN];
  const half = (angle) => Math.sin(angle / 2) ** 2;
  const h = half(lat2 - lat1) + Math.cos(lat1) * Math.cos(lat2) * half((b.lon - a.lon) * RADIAN);
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** A GeolocationPosition as a reading { lon, lat, accuracy_m, at }; null when it is none that can be used. */
export function reading({ coords, timestamp }) {
  const { longitude: lon, latitude: lat, accuracy } = coords;
  const fits = Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && accuracy > 0 && Number.isFinite(accuracy);
  return fits ? { lon, lat, accuracy_m: accuracy, at: timestamp } : null;
}

/** The readings that tell of where one is now: the young ones since the last move, without the coarse. */
export function telling(readings, now) {
  const young = readings.filter(({ at }) => now - at <= KEPT_MS);
  const here = sinceMove(young.length ? young : readings.slice(-1));
  const best = Math.min(...here.map(({ accuracy_m }) => accuracy_m));
  return here.filter(({ accuracy_m }) => accuracy_m <= COARSE * Math.max(best, LEAST_M));
}

/** What follows the last step that is larger than two readings can differ by chance. */
function sinceMove(readings) {
  const last = readings[readings.length - 1];
  const away = readings.map((each) => distance(each, last) > MOVED * (each.accuracy_m + last.accuracy_m));
  return readings.slice(away.lastIndexOf(true) + 1);
}

/**
 * The mean place of readings, each by the inverse square of its accuracy; null without any.
 *
 * Errors of one receiver go together, so many readings are not said to be better than the best one:
 * the accuracy is the mean of theirs, by the same weights.
 */
export function average(readings) {
  if (!readings.length) return null;
  const weights = readings.map(({ accuracy_m }) => Math.max(accuracy_m, LEAST_M) ** -2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (value) => readings.reduce((sum, each, i) => sum + weights[i] * value(each), 0) / total;
  const [{ lon: origin }] = readings;
  return {
    lon: wrapped(origin + mean(({ lon }) => wrapped(lon - origin))),
    lat: mean(({ lat }) => lat),
    accuracy_m: mean(({ accuracy_m }) => accuracy_m),
    readings: readings.length,
    at: readings[readings.length - 1].at,
  };
}

/** A difference of longitudes, or a longitude, within ±180. */
const wrapped = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

/** Whether a place lies in a GeoJSON polygon or multipolygon; holes are outside. */
export function within(geometry, { lon, lat }) {
  const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  return polygons.some((rings) => rings.reduce((inside, ring) => inside !== crosses(ring, lon, lat), false));
}

/** Whether a ray to the east crosses the ring an odd number of times. */
function crosses(ring, x, y) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [[x1, y1], [x2, y2]] = [ring[i], ring[j]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}

/** The smallest of the fields (GeoJSON features) around a place; null outside all. */
export function fieldAt(fields, place) {
  const around = fields.filter(({ geometry }) => geometry && within(geometry, place));
  return around.sort((a, b) => extent(a.geometry) - extent(b.geometry))[0] ?? null;
}

/** A size to compare by: special fields lie over general ones, and are what is meant. */
function extent(geometry) {
  const polygons = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  return polygons.reduce((sum, [outer]) => sum + Math.abs(shoelace(outer)), 0);
}

const shoelace = (ring) => ring.reduce((sum, [x, y], i) => sum + x * ring[(i + 1) % ring.length][1] - y * ring[(i + 1) % ring.length][0], 0);

/** The point features within `metres` of a place, nearest first: [{ feature, distance_m }]. */
export function around(features, place, metres) {
  return features
    .filter(({ geometry }) => geometry?.type === "Point")
    .map((feature) => ({ feature, distance_m: distance(place, { lon: feature.geometry.coordinates[0], lat: feature.geometry.coordinates[1] }) }))
    .filter(({ distance_m }) => distance_m <= metres)
    .sort((a, b) => a.distance_m - b.distance_m);
}

/**
 * In what a photograph contradicts the device: { metres, minutes }, each null where it does not (or does not say).
 *
 * `photo` is { position, taken_at }, `device` { place, accuracy_m, at }; the accuracy is allowed for.
 */
export function contradicted(photo, device, { metres, minutes }) {
  const apart = photo.position && device.place ? distance(photo.position, device.place) : 0;
  const taken = photo.taken_at ? Date.parse(photo.taken_at) : NaN;
  const minutesApart = Number.isNaN(taken) ? 0 : Math.abs(taken - device.at) / 60_000;
  return {
    metres: apart > metres + (device.accuracy_m ?? 0) ? Math.round(apart) : null,
    minutes: minutesApart > minutes ? Math.round(minutesApart) : null,
  };
}
