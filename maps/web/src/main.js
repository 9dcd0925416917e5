// The global `gridfield`: what the page that Folium renders calls. See README.md for the contract.
import { nameControls, setDefaults } from "./controls.js";
import { Dispatcher } from "./dispatch.js";
import { attributeSources, bindLegend } from "./legend.js";
import { ListControl } from "./list.js";
import { LayerSwitch, Source } from "./source.js";
import { States } from "./states.js";
import { bindView } from "./view.js";

setDefaults();

const dispatchers = new WeakMap();

export function createSource(map, config) {
  const source = new Source(map, config);
  dispatchers.set(source, new Dispatcher(source));
  new States(source);
  attributeSources(source);
  onceLaidOut(() => {
    nameControls(source);
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

export function legend(source, elementOrId) {
  bindLegend(source, typeof elementOrId === "string" ? document.getElementById(elementOrId) : elementOrId);
}

export function list(source, options) {
  return new ListControl(source, dispatchers.get(source), options).addTo(source.map);
}

/** After the page's own script has added its layers and controls. */
function onceLaidOut(run) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run, { once: true });
  else setTimeout(run, 0);
}
