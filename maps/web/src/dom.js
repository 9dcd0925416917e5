// Making elements; children that are strings become text, never markup.

/** element("button", { class: "x", onclick: f, "aria-label": "…" }, "text", child, …) */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, given] of Object.entries(attributes)) {
    if (typeof given === "function") made.addEventListener(key.slice(2), given);
    else if (given === true) made.setAttribute(key, "");
    else if (given !== false && given !== null && given !== undefined) made.setAttribute(key, given);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  circle: "M9 2.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13z",
  square: "M3 3h12v12H3z",
  diamond: "M9 1l8 8-8 8-8-8z",
  triangle: "M9 1.5l8 14.5H1z",
};

/** The sign of a class as the legend shows it. */
export function swatch(layer, paint) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, given] of Object.entries({ viewBox: "0 0 18 18", class: "gf-swatch", "aria-hidden": "true" })) svg.setAttribute(key, given);
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  const drawn = {
    point: { d: SHAPES[paint.shape] ?? SHAPES.circle, fill: paint.colour, stroke: "#fff" },
    line: { d: "M2 9h14", stroke: paint.colour, "stroke-width": Math.min(6, paint.width ?? 3), "stroke-linecap": "round" },
    polygon: { d: "M2 3.5h14v11H2z", fill: paint.colour, "fill-opacity": 0.6, stroke: paint.colour },
  };
  for (const [key, given] of Object.entries(drawn[layer.geometry])) path.setAttribute(key, given);
  return svg;
}
