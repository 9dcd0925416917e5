// The ground under the app's map, as the bundle `field-map.js`: our tiles, drawn by the maps' own engine.
import { fetchTile } from "../fetch-tile.js";
import { Source } from "../source.js";

/** A source without figures: which of its layers there are, the address of its tiles says. */
const Ground = Source.extend({ loadSummary() {} });

/**
 * Draws the tiles of `config` on a map. They are fetched by the page itself: the maps' tile worker lies outside of the service
 * worker's reach, and would find none without a network.
 */
export function ground(map, config, dark) {
  const source = new Ground(map, { ...config, loader: { load: fetchTile } });
  source.start();
  source.show(source.layers.map(({ name }) => name), true);
  source.turn(dark);
  return source;
}
