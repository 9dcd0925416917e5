// The canvas of drawn sets: Leaflet's own, with halos, hatching and our point symbols.
import { withAlpha } from "./palette.js";
import { hatching } from "./hatching.js";
import { traceMark } from "./marks.js";

const DASHES = { dashed: [9, 6], dotted: [1, 6] };
const FILL_ALPHA = 0.32;
export const EDGE = 2; // px

/** `palette()` gives the colours in force; paths carry their `paint` and `aspect` ("hover", "open") in `options`. */
export const Pen = L.Canvas.extend({
  initialize(palette, options) {
    L.Canvas.prototype.initialize.call(this, options);
    this.palette = palette;
  },

  /** Draws everything anew, in colours that may have turned. */
  redraw() {
    for (const layer of Object.values(this._layers)) layer.redraw();
  },

  /** As Leaflet does, and the edge of what is pointed at or open once more, above its neighbours. */
  _draw() {
    L.Canvas.prototype._draw.call(this);
    this._drawing = this._edgeOnly = true;
    for (const layer of Object.values(this._layers)) if (layer.options.aspect) layer._updatePath();
    this._drawing = this._edgeOnly = false;
  },

  _fillStroke(ctx, { options }) {
    const { paint, fill } = options;
    if (fill && !this._edgeOnly) this._fill(ctx, paint);
    ctx.lineJoin = "round";
    ctx.lineCap = paint.pattern === "dashed" ? "butt" : "round";
    const width = fill || paint.closed ? EDGE : Math.max(EDGE + 0.5, paint.width);
    this._halo(ctx, options.aspect, width);
    ctx.setLineDash(DASHES[paint.pattern] ?? []);
    this._stroke(ctx, paint.colour, paint.pattern === "dotted" ? width + 1 : width);
    ctx.setLineDash([]);
  },

  /** A symbol of its own size round the middle of `layer`, a CircleMarker. */
  _updateMark(layer) {
    if (!this._drawing || layer._empty()) return;
    const ctx = this._ctx;
    const { paint, aspect, ring } = layer.options;
    const { x, y } = layer._point;
    traceMark(ctx, paint.shape, x, y, layer._radius);
    this._halo(ctx, aspect, ring ? 2.4 : 1.6);
    ctx.fillStyle = ring ? withAlpha(paint.colour, 0.25) : paint.colour;
    ctx.fill();
    this._stroke(ctx, ring ? paint.colour : this.palette().markEdge, ring ? 2.4 : 1.6);
  },

  _fill(ctx, { colour, pattern }) {
    if (pattern === "fill") ctx.fillStyle = withAlpha(colour, FILL_ALPHA);
    else ctx.fillStyle = hatching(ctx, colour, pattern);
    ctx.fill("evenodd");
  },

  /** What keeps an edge clear of the ground, or tells that the feature is pointed at or open. */
  _halo(ctx, aspect, width) {
    const { casing, select, selectHalo } = this.palette();
    if (!aspect) return this._stroke(ctx, withAlpha(casing, 0.8), width + 2);
    this._stroke(ctx, selectHalo, width + 6);
    this._stroke(ctx, select, width + 3);
  },

  _stroke(ctx, colour, width) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
  },
});

/** A point of a set. */
export const Mark = L.CircleMarker.extend({
  options: { radius: 7 },
  _updatePath() {
    this._renderer._updateMark(this);
  },
});

const SMALL = 16; // px

/** The sign of a feature (`options.around`, its bounds) that is too small to be seen at this zoom. */
export const Ring = Mark.extend({
  options: { radius: 8, ring: true },

  _project() {
    Mark.prototype._project.call(this);
    const corners = [this.options.around.getNorthWest(), this.options.around.getSouthEast()];
    const { x, y } = L.bounds(corners.map((corner) => this._map.latLngToLayerPoint(corner))).getSize();
    this._hidden = Math.max(x, y) >= SMALL;
  },

  _empty() {
    return this._hidden || Mark.prototype._empty.call(this);
  },

  _containsPoint(point) {
    return !this._hidden && Mark.prototype._containsPoint.call(this, point);
  },
});
