// Stripes as a canvas pattern: the direction tells classes apart where colour alone would not.
import { withAlpha } from "./palette.js";

const PERIOD = 8; // px; it divides the size of a tile, so stripes run on from one to the next
const STRIPES = {
  hatch: (pen, at) => line(pen, [at - 1, PERIOD + 1], [at + PERIOD + 1, -1]),
  counterhatch: (pen, at) => line(pen, [at - 1, -1], [at + PERIOD + 1, PERIOD + 1]),
  cross: (pen, at) => {
    STRIPES.hatch(pen, at);
    STRIPES.counterhatch(pen, at);
  },
};

/** The fill of `pattern` ("hatch", "counterhatch" or "cross") in a colour, seamless over the canvas. */
export function hatching(ctx, colour, pattern) {
  const scale = ctx.getTransform().a;
  const swatch = document.createElement("canvas");
  swatch.width = swatch.height = Math.round(PERIOD * scale);
  const pen = swatch.getContext("2d");
  pen.scale(swatch.width / PERIOD, swatch.width / PERIOD);
  pen.fillStyle = withAlpha(colour, 0.14);
  pen.fillRect(0, 0, PERIOD, PERIOD);
  pen.strokeStyle = withAlpha(colour, 0.8);
  pen.lineWidth = 1.4;
  pen.beginPath();
  for (const at of [-PERIOD, 0, PERIOD]) STRIPES[pattern](pen, at);
  pen.stroke();
  const made = ctx.createPattern(swatch, "repeat");
  made.setTransform(new DOMMatrix().scale(PERIOD / swatch.width));
  return made;
}

function line(pen, from, to) {
  pen.moveTo(...from);
  pen.lineTo(...to);
}
