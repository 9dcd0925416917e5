// The outline of the feature under the pointer and of the one whose popup is open, across all its tiles.
import { traceMark } from "./marks.js";
import { trace } from "./paint.js";
import { lineWidth } from "./styles.js";
import { ScreenCanvas } from "./screen.js";

export class Highlight {
  constructor(source) {
    this.source = source;
    this.wanted = { hover: null, open: null };
    this.screen = new ScreenCanvas((ctx, corner) => this.#draw(ctx, corner), { pane: "gf-highlight", padding: 0 });
  }

  /** Outlines `feature` ({ layer, id } or null) as "hover" or "open". */
  set(role, feature) {
    const before = this.wanted[role];
    if (before?.id === feature?.id && before?.layer === feature?.layer) return;
    this.wanted[role] = feature;
    this.screen.redraw();
  }

  #draw(ctx, corner) {
    Object.assign(ctx, { lineJoin: "round", lineCap: "round" });
    const frames = this.source.frames(corner);
    for (const { layer, id } of Object.values(this.wanted).filter(Boolean)) {
      if (!this.source.isShown(layer)) continue;
      const pieces = frames.flatMap((frame) => pieceOf(frame, layer, id));
      const width = pieces.length && layer.geometry === "line" ? layer.paintOf(pieces[0].flat, pieces[0].i).width : null;
      for (const pen of this.#pens(layer, width, pieces)) for (const piece of pieces) outline(ctx, piece, layer, pen);
    }
  }

  /** Strokes from the broadest up; a line shows its own colour between two dark edges. */
  #pens(layer, width, [first]) {
    const { palette, map } = this.source;
    const own = width === null ? 0 : Math.max(2, lineWidth(width, map.getZoom()));
    const pens = [{ colour: palette.selectHalo, width: own + 6 }, { colour: palette.select, width: own + 2.8 }];
    if (own) pens.push({ colour: layer.paintOf(first.flat, first.i).colour, width: own });
    return pens;
  }
}

function pieceOf({ tile, view, scale, x0, y0, size }, layer, id) {
  const flat = tile[layer.name];
  const i = flat ? flat.ids.indexOf(id) : -1;
  if (i < 0) return [];
  const place = { k: view.k * scale, ox: x0 + view.ox * scale, oy: y0 + view.oy * scale };
  return [{ flat, i, place, zoom: view.zoom, clip: [x0, y0, size, size] }];
}

function outline(ctx, { flat, i, place, zoom, clip }, layer, pen) {
  ctx.save();
  Object.assign(ctx, { strokeStyle: pen.colour, lineWidth: pen.width });
  if (layer.geometry === "point") {
    const [x, y] = [flat.boxes[4 * i] * place.k + place.ox, flat.boxes[4 * i + 1] * place.k + place.oy];
    traceMark(ctx, layer.paintOf(flat, i).shape, x, y, layer.radiusOf(flat, i, zoom) + 3);
  } else {
    ctx.beginPath();
    ctx.rect(...clip);
    ctx.clip();
    ctx.beginPath();
    trace(ctx, flat, i, place, layer.geometry === "polygon");
  }
  ctx.stroke();
  ctx.restore();
}
