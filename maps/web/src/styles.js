// Declared layers made ready to draw: which painter, which class of which feature, which radius.
import { partsOf, radiusFor, weightOf } from "./cells.js";
import { value } from "./flat.js";
import { isAbsent } from "./values.js";

const RADIUS = { least: 5.5, plain: 7, most: 14, perRootUnit: 0.45, over: 3.5 };
export const EDGED_FROM = 14; // the zoom from which on streets have edges
const WHOLE_FROM = 15; // the zoom from which on symbols have these sizes
const SMALLEST = 0.5; // of them, however far away: a whole street on a phone is not to be a heap of symbols

// What a page does not tell of a layer, a style and a class, as most of them are.
const LAYER = { title: null, answered: false };
const STYLE = { tooltip: [], labelZoom: 15, minZoom: 0 };
const CLASS = { shape: "circle", width: 3 };

export class DrawnLayer {
  constructor(declared) {
    Object.assign(this, LAYER, declared);
    this.style = { ...STYLE, ...declared.style, classes: declared.style.classes.map((entry) => ({ ...CLASS, ...entry })) };
    this.kind = kindOf(declared);
    this.tell(declared.fields ?? []);
    this.places = new Map(this.style.classes.map((entry, place) => [entry.value, place]));
    this.largestSize = null; // told by the summary
  }

  /** Takes on what its fields are called; a page says only where that stands. */
  tell(fields) {
    this.fields = fields;
    this.fieldsByName = new Map(fields.map((field) => [field.name, field]));
  }

  get answers() {
    return this.role !== "basemap" && !this.style.heat; // a cell of heat is no feature
  }

  visibleAt(zoom) {
    return zoom >= this.style.minZoom;
  }

  labelledAt(zoom) {
    return this.style.label && this.role !== "context" && zoom >= this.style.labelZoom;
  }

  /** The paint of feature i: an entry of `classes`, or the tint of its value; of several that of most. */
  paintOf(tileLayer, i) {
    const sums = value(tileLayer, i, "sums");
    if (sums) return partsOf(this, sums).reduce((most, part) => (part.count > most.count ? part : most)).paint;
    return this.paintFor(value(tileLayer, i, this.style.by), value(tileLayer, i, "tint"));
  }

  paintFor(by, tint) {
    const { tints, classes } = this.style;
    if (tints) return { ...classes[0], colour: tints[(tint ?? 0) % tints.length], label: by };
    const named = classes[this.places.get(this.style.by ? by : null)];
    return named ?? classes[classes.length - 1];
  }

  /** Whether feature i lacks what every feature should have; of united fields whether all do. */
  alerts(tileLayer, i) {
    const field = this.style.alertWithout;
    const weight = weightOf(tileLayer, i);
    if (weight > 1) return this.geometry === "polygon" && value(tileLayer, i, "lacking") === weight;
    return Boolean(field) && isAbsent(value(tileLayer, i, field));
  }

  /** The symbol's radius in px at a zoom: its area grows with the size; of a case that is over it is a dot. */
  radiusOf(tileLayer, i, zoom) {
    const weight = weightOf(tileLayer, i);
    if (weight > 1) return radiusFor(weight);
    return this.#radius(tileLayer, i) * symbolScale(zoom);
  }

  #radius(tileLayer, i) {
    const field = this.style.sizeBy;
    if (!field) return this.paintOf(tileLayer, i).over ? RADIUS.over : RADIUS.plain;
    const size = Math.max(0, Number(value(tileLayer, i, field)) || 0);
    const perRoot = this.largestSize > 0 ? RADIUS.most / Math.sqrt(this.largestSize) : RADIUS.perRootUnit;
    return Math.max(RADIUS.least, Math.min(RADIUS.most, Math.sqrt(size) * perRoot));
  }
}

/** How large symbols are at a zoom: whole from close up, growing slower than the ground before. */
export function symbolScale(zoom) {
  return Math.max(SMALLEST, Math.min(1, 2 ** ((zoom - WHOLE_FROM) * 0.4)));
}

/** Line width in px of a class at a zoom: declared for 16, growing slower than the ground. */
export function lineWidth(width, zoom) {
  return Math.max(0.8, width * 2 ** (Math.max(-4, Math.min(3, zoom - 16)) * 0.55));
}

/** The width in px of a street of the ground: from afar it thins with the ground, and what would be a hair is not drawn (0). */
export function streetWidth(width, zoom) {
  if (zoom >= EDGED_FROM) return lineWidth(width, zoom);
  const thin = lineWidth(width, EDGED_FROM) * 2 ** ((zoom - EDGED_FROM) * 0.8);
  return thin < 0.7 ? 0 : thin;
}

function kindOf({ role, geometry, style }) {
  if (style.heat) return "heat";
  if (geometry === "point") return "point";
  if (role === "context") return geometry === "line" ? "thin" : "outline";
  if (role === "basemap") return geometry === "line" ? "street" : "surface";
  if (geometry === "line") return "line";
  return style.by || style.tints ? "fill" : "boundary";
}
