// The service worker: the app, its scripts and the tiles of the own ground, from a cold start without a network.
import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { StaleWhileRevalidate } from "workbox-strategies";

const SHELL = "/field";
const TILES = "gridfield-tiles";

// Whoever is not signed in any more is led to the door: its page must never take the shell's place.
addPlugins([{ cacheWillUpdate: async ({ response }) => (response.status === 200 && !response.redirected ? response : null) }]);
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

registerRoute(new NavigationRoute(createHandlerBoundToURL(SHELL), { allowlist: [/^\/field\/?(?:\?.*)?$/] }));

// An empty tile answers 204, and is as good as any. Cookies and languages differ; the ground does not.
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith("/tiles/"),
  new StaleWhileRevalidate({
    cacheName: TILES,
    matchOptions: { ignoreVary: true },
    plugins: [{ cacheWillUpdate: async ({ response }) => ([200, 204].includes(response.status) && !response.redirected ? response : null) }],
  }),
);

// A new version waits until somebody asks for it, so that nothing under the hand is exchanged.
self.addEventListener("message", ({ data }) => {
  if (data?.type === "take-over") self.skipWaiting();
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
