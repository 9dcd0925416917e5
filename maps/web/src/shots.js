// The photographs of a record in its card: small ones, each leading to the whole picture.
import { element } from "./dom.js";

const MOST = 4; // the rest are on the record's page
const SIZE = 160;

/** Where the photographs of a record are listed; null where records have none: on the ground, in the past, in a file. */
export function listOf({ items, asked }, layer, id) {
  if (!items || asked?.on || layer.role === "basemap") return null;
  return `${items.replace("{layer}", encodeURIComponent(layer.name))}/${id}/photos`;
}

/** The list of what has arrived; null when there is nothing. `page` is that of the record. */
export function shots(photos, title, page, words) {
  const held = photos.map((photo, n) => ({ ...photo, n: n + 1 })).filter(({ held }) => held);
  if (!held.length) return null;
  const shown = held.slice(0, MOST).map((photo) => element("li", {}, picture(photo, title, words)));
  const rest = held.length - MOST;
  if (rest > 0) shown.push(element("li", {}, element("a", { class: "gf-shots-rest", href: `${page}#photos`, "aria-label": words.morePhotos(rest) }, `+${rest}`)));
  return element("ul", { class: "gf-shots", "aria-label": words.photos }, ...shown);
}

function picture({ sha256, role, n, width, height }, title, words) {
  const scale = Math.min(1, SIZE / Math.max(width, height));
  const [w, h] = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const alt = words.photoOf(title, words.photoRoles[role] ?? words.photoRoles.other, n);
  const image = element("img", { src: `/photos/${sha256}?size=${SIZE}`, width: w, height: h, alt, loading: "lazy", decoding: "async" });
  return element("a", { href: `/photos/${sha256}`, target: "_blank", rel: "noopener" }, image);
}
