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

const BOX = "M2 3.5h14v11H2z";
const HATCHES = {
  hatch: "M2 14.5l8-11M8 14.5l8-11",
  counterhatch: "M2 3.5l8 11M8 3.5l8 11",
  cross: "M2 14.5l8-11M8 14.5l8-11M2 3.5l8 11M8 3.5l8 11",
};
const DASHES = { dashed: "4 2.5", dotted: "0.1 3.5" };

/** The sign of a class as the legend shows it. */
export function swatch(layer, paint) {
  const svg = svgElement("svg", { viewBox: "0 0 18 18", class: "gf-swatch", "aria-hidden": "true" });
  svg.append(...SIGNS[paint.geometry ?? layer.geometry](paint).map((drawn) => svgElement("path", drawn)));
  return svg;
}

const SIGNS = {
  point: ({ colour, shape }) => [{ d: SHAPES[shape] ?? SHAPES.circle, fill: colour, stroke: "#fff" }],
  line: ({ colour, width }) => [{ d: "M2 9h14", stroke: colour, "stroke-width": Math.min(6, width ?? 3), "stroke-linecap": "round" }],
  polygon: ({ colour, pattern }) => {
    if (!pattern || pattern === "fill") return [{ d: BOX, fill: colour, "fill-opacity": 0.6, stroke: colour }];
    const edge = { d: BOX, fill: "none", stroke: colour, "stroke-width": 1.8, "stroke-dasharray": DASHES[pattern], "stroke-linecap": "round" };
    return HATCHES[pattern] ? [{ d: HATCHES[pattern], fill: "none", stroke: colour, "stroke-width": 1.2 }, edge] : [edge];
  },
};

function svgElement(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, given] of Object.entries(attributes)) if (given !== undefined) made.setAttribute(key, given);
  return made;
}
