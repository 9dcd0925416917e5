// Leaflet's controls in the reader's language, and the map as a named region of the page.
import { wordsFor } from "./words.js";

/** Defaults for every map of the page; runs when the script is loaded, before `L.map`. */
export function setDefaults() {
  const words = wordsFor(document.documentElement.lang);
  L.Control.Zoom.mergeOptions({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut });
  L.Control.Attribution.mergeOptions({ prefix: false });
  L.Map.mergeOptions({ fadeAnimation: false });
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
    L.Map.mergeOptions({ zoomAnimation: false, markerZoomAnimation: false, inertia: false });
  }
  L.Control.Locate?.LocateControl.mergeOptions({
    showPopup: false,
    strings: { title: words.locate },
    onLocationError: () => window.alert(words.notLocated),
    onLocationOutsideMapBounds: (control) => {
      control.stop();
      window.alert(words.outside);
    },
  });
}

/** Names the map and the buttons that other scripts have made by now. */
export function nameControls({ map, words, config }) {
  const container = map.getContainer();
  container.setAttribute("role", "region");
  container.setAttribute("aria-label", config.label ? `${words.map}${words.join}${config.label}` : words.map);
  container.lang = config.lang;
  name(container.querySelector(".leaflet-control-layers-toggle"), words.layers);
  const full = container.querySelector(".leaflet-control-zoom-fullscreen");
  name(full, words.fullscreen);
  map.on("enterFullscreen exitFullscreen", ({ type }) => name(full, type === "enterFullscreen" ? words.fullscreenOff : words.fullscreen));
}

function name(button, text) {
  if (!button) return;
  button.title = text;
  button.setAttribute("aria-label", text);
}
