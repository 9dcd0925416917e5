// The app's map: the ground, the own fields, where one is. Leaflet comes only when a map is wanted.

const CLOSE = 17;
const FAR = 19;
const LOOKS = { field: "fd-field", current: "fd-field fd-field-current", accuracy: "fd-accuracy" };

let loading = null;

/** Leaflet and our engine, loaded once; what failed is tried again the next time. */
function load({ scripts, styles }) {
  loading ??= styled(styles)
    .then(() => scripts.reduce((before, address) => before.then(() => script(address)), Promise.resolve()))
    .catch((error) => {
      loading = null;
      throw error;
    });
  return loading;
}

const styled = (addresses) => Promise.all(addresses.map((href) => loaded(Object.assign(document.createElement("link"), { rel: "stylesheet", href }))));
const script = (src) => loaded(Object.assign(document.createElement("script"), { src }));

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = () => {
      element.remove();
      reject(new Error(`${element.src || element.href} did not load`));
    };
    document.head.append(element);
  });
}

/** One map; `element` is put on the screen by whoever draws it. `still` ones cannot be moved. */
export class FieldMap {
  constructor(app, { still = false, moved } = {}) {
    this.element = document.createElement("div");
    this.element.className = still ? "fd-map fd-map-still" : "fd-map";
    Object.assign(this, { app, still, moved, map: null, state: "loading" });
    this.opened = this.#open();
  }

  async #open() {
    try {
      await load(this.app.config);
      this.state = "ready";
    } catch {
      this.state = "failed";
    }
    this.app.draw();
  }

  /** Shows where it is; the map itself is made once its element has a size. */
  show({ place, measured, field }) {
    if (this.state !== "ready" || !this.element.clientHeight) return;
    if (!this.map) this.#make(place ?? measured);
    this.#showFields(field);
    this.#showMeasured(measured);
    if (this.still) this.#follow(place);
  }

  get centre() {
    const { lng, lat } = this.map.getCenter().wrap();
    return { lon: lng, lat };
  }

  goTo({ lon, lat }) {
    this.map?.setView([lat, lon], Math.max(this.map.getZoom(), CLOSE), { animate: false });
  }

  close() {
    this.map?.remove();
    this.map = null;
  }

  #make(place) {
    const { pack, config, words, dark } = this.app;
    const still = { dragging: false, touchZoom: false, doubleClickZoom: false, scrollWheelZoom: false, boxZoom: false, keyboard: false, tapHold: false };
    this.map = L.map(this.element, { attributionControl: false, zoomControl: false, maxZoom: FAR, minZoom: 10, fadeAnimation: false, zoomAnimation: false, ...(this.still ? still : {}) });
    this.fields = L.geoJSON(pack.fields, { interactive: false, style: () => ({ className: LOOKS.field }) });
    if (place) this.goToFirst(place);
    else if (pack.fields.features.length) this.map.fitBounds(this.fields.getBounds(), { animate: false });
    else this.map.setView([36.62, 101.82], 12);
    if (pack.tiles) gridfieldMap.ground(this.map, told(config.map, pack.tiles.url), dark);
    this.fields.addTo(this.map);
    if (!this.still) this.#addControls(words);
  }

  goToFirst({ lon, lat }) {
    this.map.setView([lat, lon], CLOSE, { animate: false });
  }

  #addControls(words) {
    L.control.zoom({ position: "topright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(this.map);
    L.control.scale({ imperial: false, position: "topleft" }).addTo(this.map);
    this.element.setAttribute("aria-label", words.map);
    this.element.setAttribute("role", "application");
    this.map.on("move", () => this.moved?.(this.centre));
  }

  #showFields(field) {
    this.fields.eachLayer((path) => path.getElement()?.setAttribute("class", path.feature === field ? LOOKS.current : LOOKS.field));
  }

  #showMeasured(measured) {
    if (!measured) return;
    const at = [measured.lat, measured.lon];
    this.circle ??= L.circle(at, { radius: 1, interactive: false, className: LOOKS.accuracy }).addTo(this.map);
    this.dot ??= L.marker(at, { icon: L.divIcon({ className: "fd-dot", iconSize: [18, 18] }), interactive: false, keyboard: false }).addTo(this.map);
    this.circle.setLatLng(at).setRadius(measured.accuracy_m);
    this.dot.setLatLng(at);
  }

  #follow(place) {
    if (!place) return;
    const at = [place.lat, place.lon];
    this.pin ??= L.marker(at, { icon: L.divIcon({ className: "fd-pin", iconSize: [34, 42], iconAnchor: [17, 41] }), interactive: false, keyboard: false }).addTo(this.map);
    this.pin.setLatLng(at);
    if (!this.map.getBounds().pad(-0.25).contains(at)) this.goTo(place);
  }
}

/** How the layers are drawn that the pack's tiles have. */
function told(config, url) {
  const named = new URL(url, window.location.href).searchParams.get("collections")?.split(",") ?? [];
  // Who answers for a field is said beside the map; on it, only the ground's own names.
  const quiet = (layer) => (layer.role === "basemap" ? layer : { ...layer, style: { ...layer.style, label: null } });
  return { ...config, tiles: url, layers: config.layers.filter(({ name }) => named.includes(name)).map(quiet) };
}
