// A canvas over the whole view that pans and zooms with the map and is drawn anew when it rests.

export const ScreenCanvas = L.Renderer.extend({
  options: { padding: 0.15 },

  /** `draw(ctx, corner, size, view)` paints in px from `corner`, a point of the world at the map's zoom; `view` is what is seen. */
  initialize(draw, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.draw = draw;
  },

  redraw() {
    if (this._map) this._update();
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.className = "gf-screen";
    this._container.setAttribute("aria-hidden", "true");
  },

  _destroyContainer() {
    this._container.remove();
    this._container = null;
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min, max } = this._bounds;
    const size = max.subtract(min);
    const density = Math.min(2, window.devicePixelRatio || 1);
    const canvas = this._container;
    L.DomUtil.setPosition(canvas, min);
    Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    canvas.width = Math.ceil(size.x * density);
    canvas.height = Math.ceil(size.y * density);
    const ctx = canvas.getContext("2d");
    ctx.scale(density, density);
    const seen = this._map.getSize();
    const [x0, y0] = [(size.x - seen.x) / 2, (size.y - seen.y) / 2];
    this.draw(ctx, this._map.getPixelOrigin().add(min), size, { x0, y0, x1: x0 + seen.x, y1: y0 + seen.y });
  },
});
