// The map tiles of the own division, fetched beforehand so that they are there without a network.

const CACHE = "gridfield-tiles";
const OWNER = "/field/tiles-owner"; // a name in the cache, no address: whose tiles these are
const AT_ONCE = 4;

/** The addresses that a pack's `tiles` names: ranges of columns and rows, both ends included. */
export function addresses(tiles) {
  if (!tiles) return [];
  const { url, ranges } = tiles;
  return ranges.flatMap(({ z, x, y }) =>
    span(x).flatMap((column) => span(y).map((row) => url.replace(/\{([zxy])\}/g, (_, name) => ({ z, x: column, y: row })[name]))),
  );
}

const span = ([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** How many of the addresses are kept: { kept, all }. */
export async function keptTiles(tiles) {
  const wanted = addresses(tiles);
  const cache = await open();
  if (!cache) return { kept: 0, all: wanted.length };
  const held = new Set((await cache.keys()).map(({ url }) => url));
  return { kept: wanted.filter((url) => held.has(absolute(url))).length, all: wanted.length };
}

/** Drops what is not named any more, or was another's, and fetches what is missing; `tell({ kept, all })` as it goes. */
export async function keepTiles(tiles, owner, tell) {
  const cache = await open();
  if (!cache) return;
  const wanted = addresses(tiles);
  const held = await prune(cache, wanted, owner);
  const missing = wanted.filter((url) => !held.has(absolute(url)));
  let kept = wanted.length - missing.length;
  const next = missing.values();
  const fetchers = Array.from({ length: AT_ONCE }, async () => {
    for (const url of next) {
      await fetchInto(cache, url);
      tell({ kept: ++kept, all: wanted.length });
    }
  });
  await Promise.all(fetchers);
}

export const forgetTiles = () => window.caches?.delete(CACHE);

async function prune(cache, wanted, owner) {
  const names = new Set(wanted.map(absolute));
  const same = (await (await cache.match(OWNER))?.text()) === owner;
  const held = new Set();
  for (const request of await cache.keys()) {
    if (same && names.has(request.url)) held.add(request.url);
    else await cache.delete(request, { ignoreVary: true });
  }
  await cache.put(OWNER, new Response(owner));
  return held;
}

async function fetchInto(cache, url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  await cache.put(url, answer);
}

const absolute = (url) => new URL(url, window.location.href).href;
const open = async () => window.caches?.open(CACHE).catch(() => null);
