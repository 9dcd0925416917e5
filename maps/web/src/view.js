// Where the map looks: the address remembers it, a new visitor sees everything.
import { anchorOf } from "./anchor.js";

const HASH = /^#(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;

const CLOSE_ENOUGH = 17; // the zoom to fly to, when the map is farther out
const MOST_CUT = 1.25; // how much larger than the view the content may be at first, on a phone

/** The view that the address names: { zoom, lat, lng }, or null. */
export function parseHash(hash) {
  const found = HASH.exec(hash);
  if (!found) return null;
  const [zoom, lat, lng] = found.slice(1).map(Number);
  return zoom <= 22 && Math.abs(lat) <= 85 && Math.abs(lng) <= 180 ? { zoom, lat, lng } : null;
}

export const formatHash = ({ zoom, lat, lng }) => `#${zoom}/${lat.toFixed(5)}/${lng.toFixed(5)}`;

/** Sets the first view, then keeps the address (and the links to other languages) at the present one. */
export function bindView(map, bounds) {
  const named = parseHash(window.location.hash);
  if (named) map.setView([named.lat, named.lng], named.zoom, { animate: false });
  else if (bounds) showAll(map, L.latLngBounds(toLatLngs(bounds)));
  map.on("moveend", () => {
    const { lat, lng } = map.getCenter();
    const hash = formatHash({ zoom: map.getZoom(), lat, lng });
    window.history.replaceState(window.history.state, "", hash);
    keepView();
  });
  keepView();
}

/** Lets the links that lead back to this map keep the view that its address names. */
function keepView() {
  const { hash } = window.location;
  if (parseHash(hash)) for (const link of document.querySelectorAll(".gf-nav a[hreflang], a[data-view]")) link.hash = hash;
}

/** Fits the bounds; where a step closer would cut off only a little, as on a phone, it is taken. */
export function showAll(map, bounds) {
  const room = roomAroundContent(map);
  map.fitBounds(bounds, { ...room, maxZoom: 18, animate: false });
  const closer = map.getZoom() + 1;
  const size = map.project(bounds.getNorthEast(), closer).subtract(map.project(bounds.getSouthWest(), closer));
  const view = map.getSize();
  const cut = Math.max(Math.abs(size.x) / view.x, Math.abs(size.y) / view.y);
  if (cut < MOST_CUT && closer <= 18 && !isWide(map)) map.setZoom(closer, { animate: false });
}

/** Flies to a geometry; `then` is given the place on it for a card. */
export function flyTo(map, geometry, then) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const maxZoom = Math.max(CLOSE_ENOUGH, map.getZoom());
  const [lng, lat] = anchorOf(geometry);
  map.once("moveend", () => then(L.latLng(lat, lng)));
  map.flyToBounds(L.geoJSON(geometry).getBounds(), { ...roomAroundContent(map), maxZoom, animate: !calm, duration: 0.6 });
}

/** Wide enough for legend and list to stand beside the map; map.css draws the same line. */
export const isWide = (map) => map.getContainer().clientWidth > 720;

/** [west, south, east, north] as Leaflet has bounds. */
export const toLatLngs = ([west, south, east, north]) => [[south, west], [north, east]];

/** Padding that keeps what is fitted clear of the controls, the legend and the list. */
export function roomAroundContent(map) {
  const container = map.getContainer();
  const wide = isWide(map);
  const side = container.querySelector(".gf-list:not([hidden])") ?? container.querySelector(".legend");
  const right = wide ? (side?.offsetWidth ?? 0) + 24 : 16;
  return { paddingTopLeft: [wide ? 72 : 16, wide ? 16 : 24], paddingBottomRight: [right, wide ? 28 : 88] };
}
