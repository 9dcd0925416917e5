// The worker: fetches and decodes, so that panning never waits for a heavy tile.
import { decodeTile, transferables } from "./decode.js";
import { fetchTile } from "./fetch-tile.js";

const running = new Map();

self.addEventListener("message", ({ data: { id, url, bytes } }) => {
  if (bytes) decode(id, bytes);
  else if (url) load(id, url);
  else running.get(id)?.abort();
});

self.postMessage({ up: true });

/** What the page has fetched itself. */
function decode(id, bytes) {
  try {
    const tile = decodeTile(bytes);
    self.postMessage({ id, tile }, transferables(tile));
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
}

async function load(id, url) {
  const abort = new AbortController();
  running.set(id, abort);
  try {
    const tile = await fetchTile(url, abort.signal);
    self.postMessage({ id, tile }, transferables(tile));
  } catch (error) {
    if (!abort.signal.aborted) self.postMessage({ id, error: String(error), status: error.status });
  } finally {
    running.delete(id);
  }
}
