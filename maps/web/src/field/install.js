// The worker's registration: whether the app opens without a network, and when a new version waits.

/**
 * Registers the worker; `tell({ installed })` and `tell({ update: true })` as things come to be.
 * `leave()` says whether the page may be loaded anew without anything under the hand being lost.
 */
export async function install({ worker, scope }, tell, leave) {
  const { serviceWorker } = navigator;
  if (!window.isSecureContext) return tell({ installed: "insecure" });
  if (!serviceWorker) return tell({ installed: "unsupported" });
  serviceWorker.addEventListener("controllerchange", controlled(serviceWorker, leave));
  try {
    const registration = await serviceWorker.register(worker, { scope, updateViaCache: "none" });
    watch(registration, tell);
    await serviceWorker.ready;
    tell({ installed: "ready" });
  } catch {
    const kept = await serviceWorker.getRegistration(scope);
    tell({ installed: kept?.active ? "ready" : "failed" }); // signed out, or no network: the one before serves on
  }
}

/** Asks the server for a newer version. */
export async function lookForUpdate(scope) {
  const registration = await navigator.serviceWorker?.getRegistration(scope);
  await registration?.update().catch(() => null);
}

/** Lets the version that waits take over; the page is then loaded anew. */
export async function takeOver(scope) {
  const registration = await navigator.serviceWorker?.getRegistration(scope);
  registration?.waiting?.postMessage({ type: "take-over" });
}

function watch(registration, tell) {
  if (registration.waiting && registration.active) tell({ update: true });
  registration.addEventListener("updatefound", () => {
    const { installing } = registration;
    installing?.addEventListener("statechange", () => {
      if (installing.state === "installed" && registration.active) tell({ update: true });
    });
  });
}

/** What to do when another worker takes over: the first one only joins, a later one wants its own page. */
function controlled(serviceWorker, leave) {
  let first = !serviceWorker.controller;
  return async () => {
    if (first) first = false;
    else if (await leave()) window.location.reload();
  };
}
