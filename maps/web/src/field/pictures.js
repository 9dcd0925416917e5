// A photo on its way out of the camera: upright, no larger than configured, if wished with time, place and name on it, with
// what the camera said of it inside, and with the hash of exactly the bytes that will be sent.
import { exifOf, withExif } from "./exif.js";
import { sha256Of } from "./hashing.js";

const THUMBNAIL = 240; // px
const SENDABLE = new Set(["image/jpeg", "image/png", "image/webp"]); // what the server takes
const DEFAULTS = { longest: 1600, quality: 0.8, watermark: null };

export class NotAPicture extends Error {
  constructor(cause) {
    super("this file is no picture that the phone can read");
    Object.assign(this, { reason: "not-a-picture", cause });
  }
}

/**
 * A picture file as it will be sent: `{ sha256, blob, thumbnail, width, height, taken_at, position }`, the last two as the
 * camera told them. `longest` is of the longer side in px, `watermark` `{ time, place, name }` in the reader's words.
 */
export async function prepare(file, options = {}) {
  const { longest, quality, watermark } = { ...DEFAULTS, ...options };
  const original = new Uint8Array(await file.arrayBuffer());
  const camera = exifOf(original, zone());
  const picture = await decoded(file);
  try {
    const drawn = await drawing(picture, { longest, quality, watermark });
    const compressed = withExif(drawn.bytes, camera.segment);
    const kept = staysAsItIs(file, original, picture, { longest, watermark }, compressed) ? { bytes: original, type: file.type } : { bytes: compressed, type: "image/jpeg" };
    const small = await drawing(picture, { longest: THUMBNAIL, quality: 0.7, watermark: null });
    const { taken_at, position } = camera;
    const blob = new Blob([kept.bytes], { type: kept.type });
    return { sha256: sha256Of(kept.bytes), blob, thumbnail: new Blob([small.bytes], { type: "image/jpeg" }), width: drawn.width, height: drawn.height, taken_at, position };
  } finally {
    picture.close?.();
  }
}

/** A prepared photo as the ledger keeps it; the hash is that of the bytes, whatever was said before. */
export async function ready({ blob, thumbnail = null, role = "other", taken_at = null, position = null, width = null, height = null }) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const small = thumbnail && new Uint8Array(await thumbnail.arrayBuffer());
  return { sha256: sha256Of(bytes), role, type: blob.type || "image/jpeg", size: bytes.length, width, height, taken_at, position, bytes, thumbnail: small };
}

/** The size that a picture is drawn in: never larger than it is. */
export function fitted({ width, height }, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Small already, and no smaller afterwards: compressing it once more would only cost sharpness. */
function staysAsItIs(file, original, { width, height }, { longest, watermark }, compressed) {
  return SENDABLE.has(file.type) && !watermark && Math.max(width, height) <= longest && original.length <= compressed.length;
}

async function decoded(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // Browsers that do not know the option turn it by themselves; the others have an element that does.
    return createImageBitmap(file).catch(() => element(file));
  }
}

async function element(file) {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode();
    return image;
  } catch (error) {
    throw new NotAPicture(error);
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

async function drawing(picture, { longest, quality, watermark }) {
  const { width, height } = fitted(picture, longest);
  const canvas = surface(width, height);
  const context = canvas.getContext("2d", { alpha: false });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  if (watermark) written(context, [watermark.time, watermark.place, watermark.name].filter(Boolean), { width, height });
  const blob = await encoded(canvas, quality);
  if (!blob) throw new NotAPicture(null); // larger than the phone can draw
  return { width, height, bytes: new Uint8Array(await blob.arrayBuffer()) };
}

function surface(width, height) {
  if (typeof OffscreenCanvas === "function") return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement("canvas"), { width, height });
}

function encoded(canvas, quality) {
  if (canvas.convertToBlob) return canvas.convertToBlob({ type: "image/jpeg", quality });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** Lines in the lower left corner, white on a dark band, so that they can be read on any ground. */
function written(context, lines, { width, height }) {
  const size = Math.max(12, Math.round(Math.min(width, height) / 28));
  const [step, margin] = [Math.round(size * 1.4), Math.round(size * 0.7)];
  const band = step * lines.length + margin;
  context.fillStyle = "rgba(0, 0, 0, 0.55)";
  context.fillRect(0, height - band, width, band);
  context.font = `${size}px sans-serif`;
  context.textBaseline = "middle";
  context.fillStyle = "#fff";
  lines.forEach((line, n) => context.fillText(line, margin, height - band + margin / 2 + step * (n + 0.5), width - 2 * margin));
}

function zone() {
  const minutes = -new Date().getTimezoneOffset();
  const two = (number) => String(number).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.trunc(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}
