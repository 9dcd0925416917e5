// One engine for every name on the map: who comes first gets the place, and no name covers a symbol or another name.
import { Area, boxOf, union } from "./area.js";
import { Boxes, boxAround, overlap, within } from "./boxes.js";
import { joined, lengthOf, letters } from "./course.js";
import { eachTouching, value } from "./flat.js";
import { marksOf } from "./marks.js";
import { inkColour } from "./palette.js";
import { ellipsise } from "./values.js";

const FAMILY = 'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const REPEAT_PX = 420; // along a line, before its name comes again
const APART_PX = 260; // between two places of one name
const MOST_AREAS = 500; // names in areas that are tried; more cannot be read anyway
const SMALLEST = 14; // px; a feature smaller than this gets no name
const ONE_STROKE = /[\u0590-\u08ff\u0900-\u0fff\u1780-\u17ff]/; // scripts whose letters join: never taken apart
const CHINESE = /^[\u2e80-\u9fff\uf900-\ufaff\u3000-\u30ff（）·0-9]+$/;

/** The order of names and their looks, by what is named. */
const RANKS = [
  { kinds: ["fill"], place: placeAreas, weight: 600, size: 13, colour: "ink" },
  { kinds: ["line"], place: placeLines, weight: 600, size: 12, colour: "ink" },
  { kinds: ["point"], place: placePoints, weight: 500, size: 12, colour: "ink" },
  { kinds: ["boundary"], place: placeAreas, weight: 600, size: 14, colour: "own" },
  { kinds: ["surface"], place: placeAreas, weight: 500, size: 12, colour: "waterInk" },
  { kinds: ["street"], place: placeLines, weight: 400, size: 11, colour: "muted" },
];

export class LabelEngine {
  constructor(source) {
    this.source = source;
    this.widths = new Map();
  }

  /** Lays out and draws the names of everything on the canvas, of which `view` is in sight, in px from `corner`. */
  draw(ctx, corner, size, view) {
    const zoom = this.source.map.getZoom();
    const frames = this.source.frames(corner);
    const layers = this.source.drawn().filter((layer) => layer.visibleAt(zoom));
    const sheet = {
      ctx, frames, zoom, boxes: new Boxes(), names: new Set(), spots: new Map(), placed: [],
      view, edge: { x0: 0, y0: 0, x1: size.x, y1: size.y },
      measure: (text, font) => this.#measure(ctx, text, font),
    };
    for (const layer of layers) if (layer.kind === "point") keepClearOfMarks(sheet, layer);
    for (const rank of RANKS) {
      for (const layer of layers) {
        if (!rank.kinds.includes(layer.kind) || !layer.labelledAt(zoom)) continue;
        rank.place(sheet, layer, { ...rank, font: `${rank.weight} ${rank.size}px ${FAMILY}` });
      }
    }
    for (const label of sheet.placed.reverse()) write(ctx, label, this.source.palette);
  }

  #measure(ctx, text, font) {
    const key = font + text;
    if (!this.widths.has(key)) {
      if (this.widths.size > 4000) this.widths.clear();
      ctx.font = font;
      this.widths.set(key, ctx.measureText(text).width);
    }
    return this.widths.get(key);
  }
}

/** The named features in sight, each put together from its tiles: [{ text, paint, pieces, box }]. */
function gather({ frames }, layer) {
  const found = new Map();
  for (const { tile, view, scale, x0, y0, size } of frames) {
    const flat = tile[layer.name];
    if (!flat) continue;
    const [k, ox, oy] = [view.k * scale, x0 + view.ox * scale, y0 + view.oy * scale];
    const core = { x0, y0, x1: x0 + size, y1: y0 + size };
    const [left, top, right, bottom] = [(x0 - ox) / k, (y0 - oy) / k, (core.x1 - ox) / k, (core.y1 - oy) / k];
    eachTouching(flat, left, top, right, bottom, (i) => {
      if (layer.geometry !== "point" && tooSmall(flat.boxes, i, k, left, top, right, bottom)) return;
      const text = ellipsise(value(flat, i, layer.style.label) ?? "");
      if (text) addPiece(found, flat.ids[i] || `${text} ${found.size}`, text, layer, { flat, i, k, ox, oy, core });
    });
  }
  return [...found.values()];
}

/** Whether no name can fit: narrower and lower than a letter, and no more of it in the next tile. */
function tooSmall(boxes, i, k, left, top, right, bottom) {
  const [x0, y0, x1, y1] = boxes.subarray(4 * i, 4 * i + 4);
  const whole = x0 > left && y0 > top && x1 < right && y1 < bottom;
  return whole && Math.max(x1 - x0, y1 - y0) * k < SMALLEST;
}

function addPiece(found, id, text, layer, piece) {
  if (!found.has(id)) found.set(id, { text, paint: layer.paintOf(piece.flat, piece.i), pieces: [], box: null });
  const named = found.get(id);
  named.pieces.push(piece);
  named.box = named.box ? union(named.box, boxOf(piece)) : boxOf(piece);
}

function keepClearOfMarks({ frames, boxes }, layer) {
  for (const { tile, view, scale, x0, y0 } of frames) {
    const flat = tile[layer.name];
    if (!flat) continue;
    for (const { x, y, r } of marksOf(flat, layer, view)) {
      boxes.add(boxAround(x0 + x * scale, y0 + y * scale, 2 * r + 3, 2 * r + 3));
    }
  }
}

function placeAreas(sheet, layer, look) {
  const wanted = gather(sheet, layer)
    .map((named) => ({ ...named, width: sheet.measure(named.text, look.font) }))
    .filter(({ box, width }) => box.x1 - box.x0 > 0.7 * width && box.y1 - box.y0 > look.size)
    .sort((a, b) => extentOf(b) - extentOf(a))
    .slice(0, MOST_AREAS);
  for (const named of wanted) placeArea(sheet, layer, look, named);
}

const extentOf = ({ box }) => (box.x1 - box.x0) * (box.y1 - box.y0);

function placeArea(sheet, layer, look, { text, pieces, width, paint }) {
  const area = new Area(pieces);
  area.cropTo(overlap(area.box, sheet.view) ? sheet.view : sheet.edge);
  const pole = area.pole();
  if (!pole || pole.depth < look.size / 2) return;
  const tight = layer.kind === "fill"; // a name in a field stays within it; a river's may overlap the banks
  for (const [dx, dy] of placesRound(pole.depth)) {
    const [x, y] = [pole.x + dx, pole.y + dy];
    const half = width / 2;
    if (tight && !(area.inside(x - half, y) && area.inside(x + half, y))) continue;
    const box = boxAround(x, y, width + 6, look.size + 6);
    if (!area.inside(x, y) || !isWhole(sheet, box) || !sheet.boxes.claim([box])) continue;
    sheet.placed.push({ text, look, paint, spots: [{ x, y, angle: 0 }], whole: true });
    return;
  }
}

/** The pole itself, then places round it, nearest first. */
function placesRound(depth) {
  const step = Math.min(22, depth * 0.6);
  const round = [[0, -1], [0, 1], [-1, 0], [1, 0], [-1, -1], [1, -1], [-1, 1], [1, 1]];
  return [[0, 0], ...round.map(([dx, dy]) => [dx * step, dy * step]), ...round.map(([dx, dy]) => [2 * dx * step, 2 * dy * step])];
}

/** A name lies wholly in sight or wholly out of it, ready for the next move of the map: never cut. */
const isWhole = ({ view, edge }, box) => within(view, box) || (within(edge, box) && !overlap(view, box));

function placeLines(sheet, layer, look) {
  const wanted = gather(sheet, layer)
    .filter(({ text }) => layer.kind !== "street" || !sheet.names.has(text))
    .flatMap(({ text, paint, pieces }) => joined(pieces).map((course) => ({ text, paint, course, length: lengthOf(course) })))
    .sort((a, b) => (b.paint.width ?? 0) - (a.paint.width ?? 0) || b.length - a.length);
  for (const { text } of layer.kind === "line" ? wanted : []) sheet.names.add(text);
  for (const named of wanted) placeLine(sheet, look, named);
}

function placeLine(sheet, look, { text, paint, course, length }) {
  const signs = ONE_STROKE.test(text) ? [text] : [...text];
  const chinese = CHINESE.test(text);
  const spacing = chinese ? 1.5 : 0;
  const advances = signs.map((sign) => sheet.measure(sign, look.font) + spacing);
  const times = Math.max(1, Math.round(length / REPEAT_PX));
  for (let turn = 0; turn < times; turn++) {
    const middle = (length * (turn + 0.5)) / times;
    for (const shift of [0, 24, -24, 48, -48, 80, -80, 120, -120]) {
      const spots = letters(course, middle + shift, advances, chinese);
      if (spots && claimLine(sheet, look, text, spots, advances)) {
        sheet.placed.push({ text, look, paint, signs, spots, whole: false });
        break;
      }
    }
  }
}

function claimLine(sheet, look, text, spots, advances) {
  const centre = spots[Math.floor(spots.length / 2)];
  const others = sheet.spots.get(text) ?? [];
  if (others.some((other) => Math.hypot(other.x - centre.x, other.y - centre.y) < APART_PX)) return false;
  const boxes = spots.map(({ x, y }, at) => boxAround(x, y, Math.max(advances[at], look.size) + 3, Math.max(advances[at], look.size) + 3));
  if (!boxes.every((box) => isWhole(sheet, box)) || !sheet.boxes.claim(boxes)) return false;
  sheet.spots.set(text, [...others, centre]);
  return true;
}

function placePoints(sheet, layer, look) {
  for (const { text, paint, pieces } of gather(sheet, layer)) {
    const { flat, i, k, ox, oy, core } = pieces.find(ownsPoint) ?? {};
    if (!flat || !core) continue;
    const [x, y] = [flat.boxes[4 * i] * k + ox, flat.boxes[4 * i + 1] * k + oy];
    const away = layer.radiusOf(flat, i, sheet.zoom) + 4 + (layer.alerts(flat, i) ? 4 : 0);
    const width = sheet.measure(text, look.font);
    const places = [[x + away + width / 2, y], [x, y + away + look.size / 2], [x, y - away - look.size / 2], [x - away - width / 2, y]];
    for (const [px, py] of places) {
      const box = boxAround(px, py, width + 2, look.size + 3);
      if (!isWhole(sheet, box) || !sheet.boxes.claim([box])) continue;
      sheet.placed.push({ text, look, paint, spots: [{ x: px, y: py, angle: 0 }], whole: true });
      break;
    }
  }
}

function ownsPoint({ flat, i, k, ox, oy, core }) {
  const [x, y] = [flat.boxes[4 * i] * k + ox, flat.boxes[4 * i + 1] * k + oy];
  return x >= core.x0 && y >= core.y0 && x < core.x1 && y < core.y1;
}

function write(ctx, { text, look, paint, signs, spots, whole }, palette) {
  Object.assign(ctx, { font: look.font, textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.2 });
  ctx.strokeStyle = palette.halo;
  ctx.fillStyle = look.colour === "own" ? inkColour(paint.colour, palette.dark) : palette[look.colour];
  const parts = whole ? [text] : signs;
  for (const pen of ["strokeText", "fillText"]) {
    spots.forEach(({ x, y, angle }, at) => {
      ctx.save();
      ctx.translate(x, y);
      ctx.rotate(angle);
      ctx[pen](parts[at], 0, 0.5);
      ctx.restore();
    });
  }
}
