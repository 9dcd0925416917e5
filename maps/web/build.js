// Builds dist/: our scripts, every style and picture of src/, and the vendored files with everybody's licence.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = new URL(".", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, here));
const dist = path("dist/");

// Chromium 88 is what the browsers of older office machines are built on.
const BROWSERS = ["chrome88", "edge88", "firefox90", "safari15"];
const SCRIPTS = {
  map: { entry: "src/main.js", globalName: "gridfield" },
  "tile-worker": { entry: "src/tile-worker.js" },
  import: { entry: "src/import.js" },
  edit: { entry: "src/edit.js", globalName: "gridfieldEdit" },
  live: { entry: "src/live.js" },
  charts: { entry: "src/charts.js" },
  field: { entry: "src/field/main.js" },
  "field-map": { entry: "src/field/ground.js", globalName: "gridfieldMap" },
  "field-worker": { entry: "src/field/worker.js" },
};
const COPIED = {
  "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.min.js": "geoman.js",
  "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css": "geoman.css",
  "leaflet/dist/leaflet.js": "leaflet.js",
  "leaflet/dist/leaflet.css": "leaflet.css",
  "leaflet/dist/images": "images",
  "leaflet.fullscreen/Control.FullScreen.js": "fullscreen.js",
  "leaflet.fullscreen/Control.FullScreen.css": "fullscreen.css",
  "leaflet.fullscreen/icon-fullscreen.svg": "icon-fullscreen.svg",
  "leaflet.locatecontrol/dist/L.Control.Locate.min.js": "locate.js",
  "leaflet.locatecontrol/dist/L.Control.Locate.min.css": "locate.css",
};
const STYLES = ["src/", "src/field/"];
const PICTURES = ["src/", "src/field/icons/"];
const LICENCES = {
  "@kurkle/color": "LICENSE.md",
  "chart.js": "LICENSE.md",
  "@geoman-io/leaflet-geoman-free": "LICENSE",
  leaflet: "LICENSE",
  "leaflet.fullscreen": "LICENSE",
  "leaflet.locatecontrol": "LICENSE.md",
  "lit-html": "LICENSE",
  pbf: "LICENSE",
  "workbox-core": "LICENSE",
  "workbox-precaching": "LICENSE",
  "workbox-routing": "LICENSE",
  "workbox-strategies": "LICENSE",
  "@mapbox/vector-tile": "LICENSE.txt",
  "@mapbox/point-geometry": "LICENSE",
  "@noble/hashes": "LICENSE",
  fflate: "LICENSE",
  idb: "LICENSE",
  uuid: "LICENSE.md",
  // Within Geoman.
  "@turf/bbox": "LICENSE",
  "@turf/boolean-contains": "LICENSE",
  "@turf/boolean-point-in-polygon": "LICENSE",
  "@turf/boolean-point-on-line": "LICENSE",
  "@turf/distance": "LICENSE",
  "@turf/geojson-rbush": "LICENSE",
  "@turf/helpers": "LICENSE",
  "@turf/invariant": "LICENSE",
  "@turf/kinks": "LICENSE",
  "@turf/line-intersect": "LICENSE",
  "@turf/line-segment": "LICENSE",
  "@turf/line-split": "LICENSE",
  "@turf/meta": "LICENSE",
  "@turf/nearest-point-on-line": "LICENSE",
  "@turf/truncate": "LICENSE",
  "bignumber.js": "LICENCE.md",
  lodash: "LICENSE",
  "point-in-polygon-hao": "LICENSE",
  "polyclip-ts": "LICENSE",
  quickselect: "LICENSE",
  rbush: "LICENSE",
  "robust-predicates": "LICENSE",
  "splaytree-ts": "LICENSE",
  tinyqueue: "LICENSE",
  tslib: "LICENSE.txt",
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const common = { bundle: true, minify: true, target: BROWSERS, charset: "utf8", legalComments: "none", logLevel: "warning", define: { "process.env.NODE_ENV": '"production"' } };
for (const [name, { entry, globalName }] of Object.entries(SCRIPTS)) {
  await build({ ...common, entryPoints: [path(entry)], outfile: `${dist}${name}.js`, format: "iife", globalName });
}
for (const [folder, name] of await filesOf(STYLES, /\.css$/)) await build({ ...common, entryPoints: [path(folder + name)], outfile: dist + name });
for (const [folder, name] of await filesOf(PICTURES, /\.(svg|png)$/)) await cp(path(folder + name), dist + name);
for (const [from, to] of Object.entries(COPIED)) await copy(path(`node_modules/${from}`), dist + to);
await writeFile(`${dist}LICENSES.txt`, await licences());

/** [folder, name] of the files of some folders whose names fit. */
async function filesOf(folders, pattern) {
  const found = folders.map(async (folder) => (await readdir(path(folder))).filter((name) => pattern.test(name)).map((name) => [folder, name]));
  return (await Promise.all(found)).flat();
}

/** Vendored scripts and styles lose the pointer to a source map that is not served. */
async function copy(from, to) {
  if (!/\.(js|css)$/.test(from)) return cp(from, to, { recursive: true });
  const text = await readFile(from, "utf8");
  await writeFile(to, text.replace(/\n?(\/\/|\/\*)# sourceMappingURL=\S+( \*\/)?/g, ""));
}

async function licences() {
  const parts = Object.entries(LICENCES).map(async ([name, file]) => {
    const { version, license } = JSON.parse(await readFile(path(`node_modules/${name}/package.json`), "utf8"));
    const text = await readFile(path(`node_modules/${name}/${file}`), "utf8");
    return `${name} ${version} (${license})\n${"=".repeat(72)}\n${text.trim()}\n`;
  });
  return (await Promise.all(parts)).join("\n\n");
}
