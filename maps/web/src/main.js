// The global `gridfield`: what the page that Folium renders calls. See README.md for the contract.
import { Board } from "./board.js";
import { nameControls, setDefaults } from "./controls.js";
import { Dispatcher } from "./dispatch.js";
import { Here } from "./here.js";
import { onceLaidOut } from "./laid-out.js";
import { attributeSources, bindLegend } from "./legend.js";
import { DayControl } from "./days.js";
import { bindNarrowing } from "./narrowing.js";
import { ListControl } from "./list.js";
import { Search } from "./search.js";
import { LayerSwitch, Source } from "./source.js";
import { watch } from "./states.js";
import { bindView } from "./view.js";

setDefaults();

const dispatchers = new WeakMap();
const boards = new WeakMap();
const counted = new WeakMap(); // what of a map tells the legend figures

export function createSource(map, config) {
  const source = new Source(map, config);
  dispatchers.set(source, new Dispatcher(source));
  attend(source);
  attributeSources(source);
  if (source.layers.some(({ role, lasting }) => role === "subject" && lasting)) new DayControl(source);
  onceLaidOut(() => {
    nameControls(source);
    bindNarrowing(source.words);
    map.invalidateSize({ animate: false });
    bindView(map, config.bounds);
    source.start();
  });
  return source;
}

/** A Leaflet layer that switches the drawing of one declared layer, or of several. */
export function layer(source, names) {
  return new LayerSwitch(source, [names].flat());
}

/** A Leaflet layer that draws GeoJSON, from an address or as it stands in `config`. */
export function drawing(map, config) {
  if (!boards.has(map)) boards.set(map, attend(new Board(map, config)));
  return boards.get(map).add(config);
}

export function legend(map, elementOrId) {
  bindLegend(map, counted.get(map) ?? [], typeof elementOrId === "string" ? document.getElementById(elementOrId) : elementOrId);
}

export function list(source, options) {
  return new ListControl(source, dispatchers.get(source), options).addTo(source.map);
}

/** The box in which features are looked up by name, code and who answers for them. */
export function search(source) {
  return new Search(source, dispatchers.get(source));
}

/** Makes a click on the map the question who answers there; see README.md for the page around it. */
export function here(source, options) {
  return new Here(source, dispatchers.get(source), options);
}

/** Leaves clicks and pointing on the map to something else. */
export function hush(source) {
  dispatchers.get(source).rest();
}

/** Tells states and legend of a source or a board. */
function attend(source) {
  counted.set(source.map, [...(counted.get(source.map) ?? []), source]);
  watch(source);
  return source;
}
