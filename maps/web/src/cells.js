// Points that the server has gathered: from afar one symbol for all that lie in a cell, with how many they are.
import { value } from "./flat.js";

const RADIUS = { least: 11, most: 22, perRoot: 0.4, from: 9 }; // px; no wider than the margin of a tile's canvas

/** How many features i stands for. */
export const weightOf = (flat, i) => Number(value(flat, i, "weight")) || 1;

/** The symbol's radius in px: it grows with the root of how many they are, and has room for the figure. */
export const radiusFor = (weight) => Math.min(RADIUS.most, Math.max(RADIUS.least, RADIUS.from + RADIUS.perRoot * Math.sqrt(weight)));

const parsed = new Map();
const MOST_PARSED = 2000;

/** How many are of each class, in the order of the layer's classes: [{ paint, count }]. */
export function partsOf(layer, sums) {
  const found = read(sums);
  const parts = new Map();
  for (const [name, count] of Object.entries(found)) {
    const paint = layer.paintFor(name === "" ? null : name);
    parts.set(paint, (parts.get(paint) ?? 0) + count);
  }
  const order = layer.style.classes;
  return [...parts].map(([paint, count]) => ({ paint, count })).sort((a, b) => order.indexOf(a.paint) - order.indexOf(b.paint));
}

function read(sums) {
  if (!sums) return {};
  if (!parsed.has(sums)) {
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(sums, JSON.parse(sums));
  }
  return parsed.get(sums);
}

/** A figure short enough for a symbol: 950, 1.2K or 1.2万. */
export function shortly(weight, lang) {
  return weight.toLocaleString(lang, { notation: weight < 1000 ? "standard" : "compact", maximumFractionDigits: weight < 100000 ? 1 : 0 });
}

/** A ring of the classes' shares round how many there are. `plain` shares are not told apart. */
export function paintCell(ctx, { x, y, r, weight, parts }, plain, palette, lang) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fillStyle = palette.paper;
  ctx.fill();
  ctx.lineWidth = 4;
  let from = -Math.PI / 2;
  for (const { paint, count } of plain ? [{ paint: { colour: palette.outline }, count: weight }] : parts) {
    const to = from + (2 * Math.PI * count) / weight;
    ctx.beginPath();
    ctx.arc(x, y, r - 2, from, to);
    ctx.strokeStyle = paint.colour;
    ctx.stroke();
    from = to;
  }
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.lineWidth = 1.2;
  ctx.strokeStyle = palette.markEdge;
  ctx.stroke();
  Object.assign(ctx, { font: `600 ${r < 13 ? 10 : 11}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle", fillStyle: palette.ink });
  ctx.fillText(shortly(weight, lang), x, y + 0.5, 2 * r - 9);
}
