// Colours of the canvas: those of the page come from map.css, those of the ground turn with the mode.

const ROLES = ["paper", "ink", "halo", "muted", "water-ink", "border", "casing", "street-casing", "outline", "mark-edge", "select", "select-halo"];

/** The palette in force: the `--gf-…` colours of the element, in camel case, and whether it is dark. */
export function readPalette(element, dark) {
  const style = getComputedStyle(element);
  const colours = ROLES.map((role) => [camel(role), style.getPropertyValue(`--gf-${role}`).trim()]);
  return { dark, ...Object.fromEntries(colours) };
}

const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/**
 * A basemap colour for the mode. Declared colours are meant for light paper; in the dark a surface
 * keeps its hue a little above the paper, well below half-opaque fields, and streets stay lightest.
 */
export function groundColour(colour, geometry, dark) {
  if (!dark) return colour;
  const { hue, chroma, lightness } = toHsl(colour);
  const [base, slope] = geometry === "line" ? [4, 0.22] : [9, 0.13];
  return hsl(hue, 1.4 * chroma, base + slope * lightness);
}

/** A slightly stronger tone of a ground colour, for the edges of buildings and water. */
export function edgeColour(colour, dark) {
  const { hue, chroma, lightness } = toHsl(colour);
  return dark ? hsl(hue, chroma, 14 + 0.15 * lightness) : hsl(hue, 1.5 * chroma, lightness - 9);
}

/** A class' colour as ink: as it is on light ground, as a pale tone of itself on dark. */
export function inkColour(colour, dark) {
  const { hue, chroma } = toHsl(colour);
  return dark ? hsl(hue, Math.min(60, 2 * chroma), 82) : colour;
}

const hsl = (hue, saturation, lightness) => `hsl(${Math.round(hue)} ${Math.round(saturation)}% ${Math.round(lightness)}%)`;

/** Hue in degrees, chroma and lightness in per cent of a `#rrggbb`. */
export function toHsl(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const most = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  const range = most - least;
  return { hue: 60 * hueSector(r, g, b, most, range), chroma: 100 * range, lightness: 50 * (most + least) };
}

function hueSector(r, g, b, most, range) {
  if (!range) return 0;
  if (most === r) return ((g - b) / range + 6) % 6;
  return most === g ? (b - r) / range + 2 : (r - g) / range + 4;
}

/** `#rrggbb` with an opacity. */
export function withAlpha(colour, alpha) {
  return colour + Math.round(alpha * 255).toString(16).padStart(2, "0");
}
