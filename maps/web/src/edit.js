// The global `gridfieldEdit`: what the page for editing calls. See README.md for the form around the map.
import { onceLaidOut } from "./laid-out.js";
import { parseHash } from "./view.js";
import { LineEditor, PointEditor, PolygonEditor } from "./editor.js";

const EDITORS = { point: PointEditor, line: LineEditor, polygon: PolygonEditor };

// Hundreds of handles are no tab stops; the coordinates below the map are there for the keyboard.
L.Marker.mergeOptions({ keyboard: false });

/** Makes one feature of the map editable, and keeps the form at what is drawn. */
export function start(map, source, config) {
  window.gridfield.hush(source);
  const named = parseHash(window.location.hash);
  onceLaidOut(() => new EDITORS[config.kind](map, config).start(!named));
}
