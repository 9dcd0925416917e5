// Painting one tile's ground, areas and lines; points have a surface of their own (marks.js).
import { eachPart } from "./flat.js";
import { hatching } from "./hatching.js";
import { edgeColour, groundColour, inkColour, withAlpha } from "./palette.js";
import { EDGED_FROM, lineWidth, streetWidth } from "./styles.js";

const RUN = 8; // features per path: one giant path is superlinear in the rasteriser
const FILL_ALPHA = 0.5;
const FINEST = 0.35; // px; vertices closer than this to the last one are left out

/** The order of passes within a tile; within one pass layers keep the order of the map. */
const PASSES = [
  { kinds: ["surface", "fill"], paint: paintArea },
  { kinds: ["street"], paint: paintStreets },
  { kinds: ["fill"], paint: paintBorders },
  { kinds: ["outline", "thin", "boundary"], paint: paintOutline },
  { kinds: ["line"], paint: paintLines },
];

/** `view` maps tile units to px: { k, ox, oy, size, zoom }. */
export function paintGround(ctx, tile, layers, view, palette) {
  ctx.fillStyle = palette.paper;
  ctx.fillRect(0, 0, view.size + 1, view.size + 1);
  ctx.lineJoin = "round";
  for (const { kinds, paint } of PASSES) {
    for (const layer of layers) {
      const flat = tile[layer.name];
      if (flat && kinds.includes(layer.kind) && layer.visibleAt(view.zoom)) paint(ctx, flat, layer, view, palette);
    }
  }
}

/** Features of the tile within the canvas, grouped by paint and alert; wider classes come later, on top. */
function groups(flat, layer, view) {
  const found = new Map();
  for (let i = 0; i < flat.length; i++) {
    if (!touches(flat.boxes, i, view)) continue;
    const alert = layer.alerts(flat, i);
    const paint = layer.paintOf(flat, i);
    const key = `${alert} ${paint.colour} ${paint.width}`;
    if (!found.has(key)) found.set(key, { paint, alert, members: [] });
    found.get(key).members.push(i);
  }
  return [...found.values()].sort((a, b) => (a.paint.width ?? 0) - (b.paint.width ?? 0));
}

function touches(boxes, i, { k, ox, oy, size }) {
  const margin = 24;
  return (
    boxes[4 * i + 2] * k + ox > -margin && boxes[4 * i] * k + ox < size + margin &&
    boxes[4 * i + 3] * k + oy > -margin && boxes[4 * i + 1] * k + oy < size + margin
  );
}

/** Adds feature i to the current path, in px. */
export function trace(ctx, flat, i, { k, ox, oy }, closed) {
  const { xy } = flat;
  eachPart(flat, i, (first, end) => {
    let x = xy[first] * k + ox;
    let y = xy[first + 1] * k + oy;
    ctx.moveTo(x, y);
    for (let p = first + 2; p < end; p += 2) {
      const nextX = xy[p] * k + ox;
      const nextY = xy[p + 1] * k + oy;
      const last = p + 2 >= end;
      if (!last && Math.abs(nextX - x) < FINEST && Math.abs(nextY - y) < FINEST) continue;
      ctx.lineTo((x = nextX), (y = nextY));
    }
    if (closed) ctx.closePath();
  });
}

function inRuns(ctx, members, add, finish) {
  for (let from = 0; from < members.length; from += RUN) {
    ctx.beginPath();
    for (const i of members.slice(from, from + RUN)) add(i);
    finish();
  }
}

function paintArea(ctx, flat, layer, view, palette) {
  const ground = layer.kind === "surface";
  for (const { paint, alert, members } of groups(flat, layer, view)) {
    const colour = ground ? groundColour(paint.colour, "polygon", palette.dark) : withAlpha(paint.colour, FILL_ALPHA);
    if (alert) ctx.fillStyle = hatching(ctx, layer.style.alertColour, "hatch");
    else ctx.fillStyle = paint.pattern ? hatching(ctx, paint.colour, paint.pattern) : colour;
    inRuns(ctx, members, (i) => trace(ctx, flat, i, view, true), () => ctx.fill());
    if (ground && view.zoom >= 15) stroke(ctx, flat, members, view, edgeColour(paint.colour, palette.dark), 0.8);
  }
}

function paintBorders(ctx, flat, layer, view, palette) {
  const width = lineWidth(2, view.zoom);
  for (const { alert, members } of groups(flat, layer, view)) {
    stroke(ctx, flat, members, view, palette.border, width);
    if (alert) dashed(ctx, [7, 5], () => stroke(ctx, flat, members, view, layer.style.alertColour, width));
  }
}

function paintOutline(ctx, flat, layer, view, palette) {
  for (const { paint, members } of groups(flat, layer, view)) {
    if (layer.kind === "boundary") {
      stroke(ctx, flat, members, view, palette.casing, 4.6);
      stroke(ctx, flat, members, view, inkColour(paint.colour, palette.dark), 2.2);
    } else {
      stroke(ctx, flat, members, view, palette.outline, 1);
    }
  }
}

function stroke(ctx, flat, members, view, colour, width, closed = true) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  inRuns(ctx, members, (i) => trace(ctx, flat, i, view, closed), () => ctx.stroke());
}

function dashed(ctx, pattern, draw) {
  ctx.setLineDash(pattern);
  ctx.lineCap = "butt";
  draw();
  ctx.setLineDash([]);
}

/** The streets of the ground. From afar only the wide ones, and without an edge: the theme lies below them. */
function paintStreets(ctx, flat, layer, view, palette) {
  const found = groups(flat, layer, view).filter(({ paint }) => streetWidth(paint.width, view.zoom) > 0);
  ctx.lineCap = "round";
  for (const { paint, members } of view.zoom < EDGED_FROM ? [] : found) {
    stroke(ctx, flat, members, view, palette.streetCasing, lineWidth(paint.width, view.zoom) + 1.4, false);
  }
  for (const { paint, members } of found) {
    const colour = groundColour(paint.colour, "line", palette.dark);
    stroke(ctx, flat, members, view, colour, streetWidth(paint.width, view.zoom), false);
  }
}

/** A line that nobody answers for: striped like a barrier and edged, so that no colour is needed to tell. */
function paintGap(ctx, flat, members, view, colour, width, palette) {
  stroke(ctx, flat, members, view, colour, width + 4, false);
  stroke(ctx, flat, members, view, palette.casing, width + 1.6, false);
  dashed(ctx, [8, 6], () => stroke(ctx, flat, members, view, colour, width + 1.6, false));
}

function paintLines(ctx, flat, layer, view, palette) {
  const found = groups(flat, layer, view);
  ctx.lineCap = "round";
  for (const { paint, members } of found) {
    stroke(ctx, flat, members, view, palette.casing, lineWidth(paint.width, view.zoom) + 2.6, false);
  }
  for (const { paint, alert, members } of found) {
    const width = lineWidth(paint.width, view.zoom);
    if (alert) paintGap(ctx, flat, members, view, layer.style.alertColour, Math.max(3, width), palette);
    else stroke(ctx, flat, members, view, paint.colour, width, false);
    ctx.lineCap = "round";
  }
}
