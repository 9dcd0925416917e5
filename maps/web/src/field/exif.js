// What the camera says of a JPEG, and the piece of the file that says it (Exif 2.32, CIPA DC-008). Told, not believed: the
// values are sent beside those of the phone itself, and the piece travels within the compressed picture.

const SOI = 0xffd8;
const APP1 = 0xffe1;
const SOS = 0xffda;
const HEADER = "Exif\0\0";
const TAGS = { orientation: 0x0112, exif: 0x8769, gps: 0x8825, taken: 0x9003, offset: 0x9011 };
const GPS = { latRef: 1, lat: 2, lonRef: 3, lon: 4 };
const [ASCII, SHORT, RATIONAL] = [2, 3, 5];
const SIZES = { [ASCII]: 1, [SHORT]: 2, [RATIONAL]: 8 };
const NOWHERE_DEG = 1e-6; // cameras without a fix write 0, 0

/** `{ segment, taken_at, position }` of a JPEG's bytes; nulls for what it does not say. `zone` is the phone's, as "+08:00". */
export function exifOf(bytes, zone = null) {
  const nothing = { segment: null, taken_at: null, position: null };
  try {
    const segment = segmentOf(bytes);
    if (!segment) return nothing;
    const tiff = new Tiff(segment);
    return { segment: upright(segment, tiff), taken_at: takenAt(tiff, zone), position: positionOf(tiff) };
  } catch (error) {
    if (error instanceof RangeError) return nothing; // it points outside itself
    throw error;
  }
}

/** A JPEG with that piece in front of all others. */
export function withExif(jpeg, segment) {
  if (!segment) return jpeg;
  const joined = new Uint8Array(jpeg.length + segment.length);
  joined.set(jpeg.subarray(0, 2));
  joined.set(segment, 2);
  joined.set(jpeg.subarray(2), 2 + segment.length);
  return joined;
}

function segmentOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== SOI) return null;
  for (let at = 2; at + 4 <= view.byteLength; ) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (marker < 0xff00 || marker === SOS || length < 2) return null;
    const content = bytes.subarray(at, at + 2 + length);
    if (marker === APP1 && String.fromCharCode(...content.subarray(4, 10)) === HEADER) return content.slice();
    at += 2 + length;
  }
  return null;
}

/** The directories of a TIFF structure. Every offset is the file's own word: a wrong one is a RangeError. */
class Tiff {
  constructor(segment) {
    this.start = 10; // after marker, length and header
    this.view = new DataView(segment.buffer, segment.byteOffset + this.start, segment.byteLength - this.start);
    this.little = this.view.getUint16(0) === 0x4949;
    this.main = this.entries(this.view.getUint32(4, this.little));
    this.exif = this.#below(TAGS.exif);
    this.gps = this.#below(TAGS.gps);
  }

  entries(at) {
    const count = this.view.getUint16(at, this.little);
    const found = new Map();
    for (let n = 0; n < count; n += 1) {
      const entry = at + 2 + 12 * n;
      found.set(this.view.getUint16(entry, this.little), entry);
    }
    return found;
  }

  #below(tag) {
    const entry = this.main.get(tag);
    return entry === undefined ? new Map() : this.entries(this.view.getUint32(entry + 8, this.little));
  }

  /** Where the values of an entry are, null when it is of another type or number. */
  at(entry, type, count) {
    if (entry === undefined || this.view.getUint16(entry + 2, this.little) !== type) return null;
    if (this.view.getUint32(entry + 4, this.little) < count) return null;
    return SIZES[type] * count > 4 ? this.view.getUint32(entry + 8, this.little) : entry + 8;
  }

  text(entry, count) {
    const at = this.at(entry, ASCII, count);
    if (at === null) return null;
    return Array.from({ length: count }, (_, n) => String.fromCharCode(this.view.getUint8(at + n))).join("");
  }

  degrees(entry) {
    const at = this.at(entry, RATIONAL, 3);
    if (at === null) return NaN;
    const [degrees, minutes, seconds] = [0, 8, 16].map((step) => this.view.getUint32(at + step, this.little) / this.view.getUint32(at + step + 4, this.little));
    return degrees + minutes / 60 + seconds / 3600;
  }
}

/** The piece, saying that the picture is not turned: the compressed one is not. */
function upright(segment, tiff) {
  const at = tiff.at(tiff.main.get(TAGS.orientation), SHORT, 1);
  if (at !== null) tiff.view.setUint16(at, 1, tiff.little);
  return segment;
}

function takenAt(tiff, zone) {
  const text = tiff.text(tiff.exif.get(TAGS.taken), 19);
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(text ?? "");
  if (!parts) return null;
  const offset = tiff.text(tiff.exif.get(TAGS.offset), 6) ?? "";
  const at = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}`;
  // A camera that names no zone shows the time of where it is, as the phone does.
  const told = /^[+-]\d\d:\d\d$/.test(offset) ? offset : (zone ?? "");
  return told && !Number.isNaN(Date.parse(at + told)) ? at + told : null;
}

function positionOf(tiff) {
  const side = (tag, negative) => {
    const letter = (tiff.text(tiff.gps.get(tag), 1) ?? "").toUpperCase();
    return letter === negative ? -1 : 1;
  };
  const lon = side(GPS.lonRef, "W") * tiff.degrees(tiff.gps.get(GPS.lon));
  const lat = side(GPS.latRef, "S") * tiff.degrees(tiff.gps.get(GPS.lat));
  const there = Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && Math.hypot(lon, lat) > NOWHERE_DEG;
  return there ? { lon, lat } : null;
}
