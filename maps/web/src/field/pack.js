// What the app needs to know beforehand, kept on the phone: own fields, forms, codes, open cases.

const ADDRESS = "/field/pack";
const CACHE = "gridfield-pack";
const READ_AT = "x-gridfield-read-at";

/** Why the pack could not be read: "offline", "signed-out", "forbidden" or "server". */
export class PackError extends Error {
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

const TROUBLES = { 401: "signed-out", 403: "forbidden" };

/** The pack as it was kept, with when it was read: { pack, at }; null when there is none. */
export async function keptPack() {
  const answer = await (await cache())?.match(ADDRESS, { ignoreVary: true });
  return answer ? { pack: await answer.json(), at: Number(answer.headers.get(READ_AT)) } : null;
}

/** The pack from the server, kept for later. */
export async function freshPack() {
  const answer = await fetchPack();
  if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) throw new PackError(TROUBLES[answer.status] ?? "server");
  const text = await answer.text();
  const at = Date.now();
  const pack = JSON.parse(text);
  await keepPack(text, at);
  return { pack, at };
}

/** Whoever signs out leaves nothing of the district on the phone but what is still to be sent. */
export const forgetPack = () => window.caches?.delete(CACHE);

async function fetchPack() {
  try {
    return await fetch(ADDRESS, { cache: "no-cache", credentials: "same-origin", headers: { accept: "application/json" } });
  } catch {
    throw new PackError("offline");
  }
}

async function keepPack(text, at) {
  try {
    const headers = { "content-type": "application/json", [READ_AT]: String(at) };
    await (await cache())?.put(ADDRESS, new Response(text, { headers }));
  } catch {
    // A full disk: the records matter more than the pack, which can be read again.
  }
}

/** Without a secure context a browser has no caches, and the app does not open without a network anyway. */
const cache = async () => window.caches?.open(CACHE).catch(() => null);
