// One tab at a time sends. It saves the network, not the data: everything that is sent may be sent twice.

const LEASE_MS = 20_000;
const RENEW_MS = 5_000;

/** Runs `work` unless another tab is at it, with `steal` also then; whether it ran. */
export function inTurn(database, name, work, { locks = globalThis.navigator?.locks, now = () => Date.now(), steal = false } = {}) {
  return locks ? byLock(locks, name, work, steal) : byLease(database, name, work, now);
}

function byLock(locks, name, work, steal) {
  return locks.request(name, steal ? { steal } : { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}

/** Plain http has no Web Locks: a line in the store says who is at it and until when. */
async function byLease(database, name, work, now) {
  const key = `lease ${name}`;
  const holder = String(Math.random());
  const take = () =>
    database.write(["facts"], async (transaction) => {
      const facts = transaction.objectStore("facts");
      const held = await facts.get(key);
      // A lease that ends later than any can was taken before the clock was set back.
      const live = held && held.until > now() && held.until <= now() + LEASE_MS;
      if (live && held.holder !== holder) return false;
      await facts.put({ holder, until: now() + LEASE_MS }, key);
      return true;
    });
  if (!(await take())) return false;
  const renewing = setInterval(() => take().catch(() => {}), RENEW_MS);
  try {
    await work();
  } finally {
    clearInterval(renewing);
    await giveBack(database, key, holder);
  }
  return true;
}

function giveBack(database, key, holder) {
  return database.write(["facts"], async (transaction) => {
    const facts = transaction.objectStore("facts");
    if ((await facts.get(key))?.holder === holder) await facts.delete(key);
  });
}
