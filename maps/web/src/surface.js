// The two grids of canvases: opaque ground, and points above it. Both draw the same decoded tiles.
import { hasHeat, paintHeat } from "./heat.js";
import { MARGIN, hasMarks, paintMarks } from "./marks.js";
import { paintGround } from "./paint.js";

const DATA_ZOOM = 16; // the finest tiles that the server makes
const TILE = 256;
const MOST_DENSITY = 2;

/** How a tile of the screen lies in its data tile: beyond DATA_ZOOM a part of it is drawn larger. */
function viewOf({ x, y, z }) {
  const steps = Math.max(0, z - DATA_ZOOM);
  const parts = 2 ** steps;
  return {
    data: { z: z - steps, x: Math.floor(x / parts), y: Math.floor(y / parts) },
    zoom: z, size: TILE, parts, ox: -(x % parts) * TILE, oy: -(y % parts) * TILE,
  };
}

/** The view with its scale: how many px one unit of the tile's extent is. */
function scaled(view, tile) {
  const extent = Object.values(tile)[0]?.extent ?? 4096;
  return { ...view, k: (TILE * view.parts) / extent };
}

const Surface = L.GridLayer.extend({
  options: { tileSize: TILE, maxZoom: 22, updateWhenIdle: false, updateWhenZooming: false, keepBuffer: 2, noWrap: true },

  initialize(source, options) {
    L.setOptions(this, options);
    this.source = source;
    this.cells = new Map();
    this.on("tileunload", ({ tile }) => this._drop(tile));
  },

  createTile(coords, done) {
    const element = document.createElement("div");
    const cell = { element, coords, view: viewOf(coords), tile: null, canvas: null };
    this.cells.set(element, cell);
    cell.release = this.source.store.acquire(cell.view.data, (tile) => {
      cell.tile = tile;
      cell.view = scaled(cell.view, tile);
      this._schedule(cell, () => done(null, element));
    });
    return element;
  },

  /** Paints every tile anew from what is decoded already. */
  repaint() {
    for (const cell of this.cells.values()) if (cell.tile) this._schedule(cell, () => {});
  },

  /** The tiles on the screen, finest first: { tile, view, scale, x0, y0, size }, px of the world at `zoom` from `corner` on. */
  frames(zoom, corner) {
    const shown = Object.values(this._tiles).filter(({ el, active, retain, current }) => active && (current || retain) && this.cells.get(el)?.tile);
    return shown
      .map(({ el, coords }) => {
        const scale = 2 ** (zoom - coords.z);
        const { tile, view } = this.cells.get(el);
        const size = TILE * scale;
        return { tile, view, scale, size, x0: coords.x * size - corner.x, y0: coords.y * size - corner.y };
      })
      .sort((a, b) => a.size - b.size);
  },

  _schedule(cell, painted) {
    const first = cell.waiting ?? painted; // a repaint must not swallow the first paint's report
    cell.waiting = first;
    this.source.queue.add(cell, () => {
      cell.waiting = null;
      this._paint(cell);
      first();
    });
  },

  _drop(element) {
    const cell = this.cells.get(element);
    this.cells.delete(element);
    this.source.queue.delete(cell);
    cell.release();
  },

  _canvas(cell, size, offset) {
    const density = Math.min(MOST_DENSITY, window.devicePixelRatio || 1);
    if (!cell.canvas) {
      cell.canvas = cell.element.appendChild(document.createElement("canvas"));
      cell.canvas.className = "gf-tile";
      Object.assign(cell.canvas.style, { width: `${size}px`, height: `${size}px`, left: `${-offset}px`, top: `${-offset}px` });
    }
    cell.canvas.width = cell.canvas.height = Math.ceil(size * density);
    const ctx = cell.canvas.getContext("2d");
    ctx.scale(density, density);
    ctx.translate(offset, offset);
    return ctx;
  },
});

/** Fills and lines on paper; one px wider than the tile, so that no hairline opens between two. */
export const GroundSurface = Surface.extend({
  _paint(cell) {
    paintGround(this._canvas(cell, TILE + 1, 0), cell.tile, this.source.drawn(), cell.view, this.source.palette);
  },
});

export const PointSurface = Surface.extend({
  /** Symbols of another zoom stand in while tiles load, but not blown up to several times their size. */
  _onUpdateLevel(zoom) {
    this._levels[zoom].el.style.visibility = Math.abs(zoom - this._tileZoom) > 1 ? "hidden" : "";
  },

  _paint(cell) {
    const layers = this.source.drawn();
    if (!hasMarks(cell.tile, layers) && !hasHeat(cell.tile, layers)) {
      cell.canvas?.remove();
      cell.canvas = null;
      return;
    }
    const ctx = this._canvas(cell, TILE + 2 * MARGIN, MARGIN);
    paintHeat(ctx, cell.tile, layers, cell.view);
    paintMarks(ctx, cell.tile, layers, cell.view, this.source.palette, this.source.config.lang);
  },
});
