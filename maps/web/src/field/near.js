// What has perhaps been logged already: asked of the server, and without a network of the own open cases.
import { around } from "./position.js";

const PATIENCE_MS = 4000;

/** [{ layer, id, title, distance_m, recorded_at }], nearest first; of the phone's own knowledge when the server is silent. */
export async function likelySame(form, place, { kind, at, open, signal }) {
  const known = fromOpen(form, place, { kind, open });
  if (!navigator.onLine) return known;
  const asked = new URLSearchParams({ layer: form.layer, lon: place.lon.toFixed(6), lat: place.lat.toFixed(6), at });
  if (kind) asked.set("kind", kind);
  try {
    const answer = await fetch(`/field/near?${asked}`, { credentials: "same-origin", headers: { accept: "application/json" }, signal: timed(signal) });
    if (!answer.ok) return known;
    const { near } = await answer.json();
    return near;
  } catch {
    return known;
  }
}

/** The open cases of the pack within the form's distance, of the same kind where it is told. */
export function fromOpen(form, place, { kind, open }) {
  const same = open.features.filter(({ properties }) => properties.layer === form.layer && (!kind || !properties.kind || properties.kind === kind));
  return around(same, place, form.near.metres).map(({ feature: { properties }, distance_m }) => ({
    layer: properties.layer,
    id: properties.id,
    title: properties.title,
    recorded_at: properties.recorded_at,
    distance_m,
  }));
}

function timed(signal) {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), PATIENCE_MS);
  signal?.addEventListener("abort", () => abort.abort(), { once: true });
  return abort.signal;
}
