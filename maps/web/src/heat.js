// How many lie near one another: cells that the server has counted, as a glow. Every tile paints what reaches
// into it and nothing outside, so that neighbours fit together.
import { value } from "./flat.js";

const REACH = 30; // px; tiles bring cells up to 32 px beyond their edge
const STRENGTH = { zoom: 15, one: 0.3, least: 0.02 }; // how much a single one is at which zoom
const STEPS = 256;
const MOST_OPAQUE = 0.82;

export function hasHeat(tile, layers) {
  return layers.some((layer) => layer.kind === "heat" && tile[layer.name]?.length);
}

/** Whatever is near adds up, and takes its colour from the sum. */
export function paintHeat(ctx, tile, layers, view) {
  for (const layer of layers) {
    const flat = tile[layer.name];
    if (!flat?.length || layer.kind !== "heat") continue;
    const { a: density } = ctx.getTransform();
    const size = Math.ceil(view.size * density);
    const sheet = new OffscreenSheet(size);
    sheet.ctx.scale(density, density);
    glow(sheet.ctx, flat, view);
    sheet.colour(rampOf(layer.style.heat));
    ctx.drawImage(sheet.canvas, 0, 0, view.size, view.size);
  }
}

/** How strong so many are, from 0 to 1: more is always stronger, and never too much. */
export function strength(weight, zoom) {
  const one = Math.max(STRENGTH.least, STRENGTH.one * 2 ** Math.min(0, (zoom - STRENGTH.zoom) * 0.8));
  return 1 - (1 - one) ** weight;
}

function glow(ctx, flat, view) {
  const sprite = spot();
  for (let i = 0; i < flat.length; i++) {
    const x = flat.boxes[4 * i] * view.k + view.ox;
    const y = flat.boxes[4 * i + 1] * view.k + view.oy;
    if (x < -REACH || y < -REACH || x > view.size + REACH || y > view.size + REACH) continue;
    ctx.globalAlpha = strength(Number(value(flat, i, "weight")) || 1, view.zoom);
    ctx.drawImage(sprite, x - REACH, y - REACH, 2 * REACH, 2 * REACH);
  }
}

let made = null;
function spot() {
  if (made) return made;
  made = document.createElement("canvas");
  made.width = made.height = 2 * REACH;
  const ctx = made.getContext("2d");
  const gradient = ctx.createRadialGradient(REACH, REACH, 0, REACH, REACH, REACH);
  for (let step = 0; step <= 10; step++) gradient.addColorStop(step / 10, `rgba(0,0,0,${(1 - (step / 10) ** 2) ** 2})`);
  ctx.fillStyle = gradient;
  ctx.fillRect(0, 0, 2 * REACH, 2 * REACH);
  return made;
}

class OffscreenSheet {
  constructor(size) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.canvas.height = size;
    this.ctx = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  colour(ramp) {
    const { width, height } = this.canvas;
    const image = this.ctx.getImageData(0, 0, width, height);
    const { data } = image;
    for (let p = 0; p < data.length; p += 4) {
      const step = 4 * data[p + 3];
      for (let part = 0; part < 4; part++) data[p + part] = ramp[step + part];
    }
    this.ctx.putImageData(image, 0, 0);
  }
}

const ramps = new Map();
/** RGBA for every sum from 0 to 255. */
function rampOf(colours) {
  const key = colours.join();
  if (!ramps.has(key)) ramps.set(key, rampFrom(colours));
  return ramps.get(key);
}

export function rampFrom(colours) {
  const ramp = new Uint8ClampedArray(4 * STEPS);
  const stops = colours.map((colour) => [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16)));
  for (let step = 1; step < STEPS; step++) {
    const at = (step / (STEPS - 1)) * (stops.length - 1);
    const low = Math.min(stops.length - 2, Math.floor(at));
    for (let part = 0; part < 3; part++) ramp[4 * step + part] = stops[low][part] + (stops[low + 1][part] - stops[low][part]) * (at - low);
    ramp[4 * step + 3] = 255 * MOST_OPAQUE * Math.min(1, (step / (STEPS - 1)) * 3);
  }
  return ramp;
}
