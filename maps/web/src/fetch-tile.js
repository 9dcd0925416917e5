// One tile over the network; the browser's own cache keeps it and asks again with its ETag.
import { decodeTile } from "./decode.js";
import { request } from "./requests.js";

export async function fetchTile(url, signal) {
  return decodeTile(await tileBytes(url, signal));
}

/** Its bytes as they came; none where there is nothing. */
export async function tileBytes(url, signal) {
  const response = await request(url, { signal });
  if (response.status === 204 || response.status === 404) return new ArrayBuffer(0);
  if (!response.ok) throw new Error(`tile answered ${response.status}`);
  return response.arrayBuffer();
}
