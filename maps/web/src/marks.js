// Point symbols. A tile draws the points it owns, whole, on a canvas wider than itself: no halves at seams.

import { paintCell, partsOf, weightOf } from "./cells.js";
import { value } from "./flat.js";
import { symbolScale } from "./styles.js";

export const MARGIN = 24; // px around the tile: the largest symbol with its ring

/** The outline of a symbol round (x, y); every shape has about the area of the circle. */
export function traceMark(ctx, shape, x, y, r) {
  ctx.beginPath();
  if (shape === "square") ctx.rect(x - 0.89 * r, y - 0.89 * r, 1.78 * r, 1.78 * r);
  else if (shape === "diamond") polygon(ctx, [[x, y - 1.25 * r], [x + 1.25 * r, y], [x, y + 1.25 * r], [x - 1.25 * r, y]]);
  else if (shape === "triangle") polygon(ctx, [[x, y - 1.3 * r], [x + 1.2 * r, y + 0.8 * r], [x - 1.2 * r, y + 0.8 * r]]);
  else ctx.arc(x, y, r, 0, 2 * Math.PI);
}

function polygon(ctx, corners) {
  for (const [x, y] of corners) ctx.lineTo(x, y);
  ctx.closePath();
}

/**
 * The points that the tile owns: { i, x, y, r, weight, paint, alert } in px of the view: what is over, then the largest first.
 * What stands for several has a weight above 1, and the `parts` of its classes.
 */
export function marksOf(flat, layer, view) {
  const marks = [];
  for (let i = 0; i < flat.length; i++) {
    const x = flat.boxes[4 * i] * view.k + view.ox;
    const y = flat.boxes[4 * i + 1] * view.k + view.oy;
    if (x < 0 || y < 0 || x >= view.size || y >= view.size) continue;
    const weight = weightOf(flat, i);
    const parts = weight > 1 ? partsOf(layer, value(flat, i, "sums")) : null;
    marks.push({ i, x, y, weight, parts, r: layer.radiusOf(flat, i, view.zoom), paint: layer.paintOf(flat, i), alert: layer.alerts(flat, i) });
  }
  return marks.sort((a, b) => Boolean(b.paint.over) - Boolean(a.paint.over) || b.r - a.r);
}

export function paintMarks(ctx, tile, layers, view, palette, lang) {
  for (const layer of layers) {
    const flat = tile[layer.name];
    if (!flat || layer.kind !== "point" || !layer.visibleAt(view.zoom)) continue;
    const plain = layer.role === "context";
    const scale = symbolScale(view.zoom);
    for (const mark of marksOf(flat, layer, view)) {
      if (mark.weight > 1) paintCell(ctx, mark, plain, palette, lang);
      else paintMark(ctx, mark, plain, layer.style.alertColour, palette, scale);
    }
  }
}

function paintMark(ctx, { x, y, r, paint, alert }, plain, alertColour, palette, scale) {
  traceMark(ctx, paint.shape, x, y, plain ? 4 * scale : r);
  ctx.fillStyle = plain ? palette.paper : paint.colour;
  ctx.strokeStyle = plain ? palette.outline : palette.markEdge;
  ctx.lineWidth = 1.6 * Math.sqrt(scale);
  ctx.fill();
  ctx.stroke();
  if (!alert || plain) return;
  ctx.beginPath();
  ctx.arc(x, y, r + 5 * scale, 0, 2 * Math.PI);
  ctx.setLineDash([4, 3]);
  ctx.strokeStyle = alertColour;
  ctx.lineWidth = 2;
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Whether the tile owns any point to draw; most tiles need no canvas for points. */
export function hasMarks(tile, layers) {
  return layers.some((layer) => layer.kind === "point" && tile[layer.name]?.length);
}

