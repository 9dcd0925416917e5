// Values as a person reads them; everything stays text, nothing becomes markup.

const HEADING = 40; // Chinese characters; a longer title stands in full among the rows

/** The rows of a card: [label, text] of every declared field that has a value and is not its heading. */
export function rows(layer, properties, words, lang) {
  const told = (name) => name === layer.title && headingOf(String(properties[name])) === properties[name];
  return layer.fields
    .filter(({ name, card = true }) => card && !isAbsent(properties[name]) && !told(name))
    .map((field) => [field.label, withUnit(field, properties[field.name], words, lang)]);
}

export const isAbsent = (found) => found === null || found === undefined || found === "";

export function withUnit(field, found, words, lang) {
  const text = format(field, found, words, lang);
  return field.unit && typeof found === "number" ? `${text} ${field.unit}` : text;
}

function format({ type, choices }, found, words, lang) {
  if (typeof found === "boolean" || type === "boolean") return found ? words.yes : words.no;
  // GB/T 15835 leaves four digits together, and so does every year.
  if (typeof found === "number") return found.toLocaleString(lang, { useGrouping: Math.abs(found) >= 10000, maximumFractionDigits: 3 });
  return choices?.[found] ?? String(found);
}

/** A count for the legend and the list. */
export const count = (n, lang) => Number(n).toLocaleString(lang, { maximumFractionDigits: 1 });

/** The name of a feature: its title, else its number. */
export function titleOf(layer, properties, id, words) {
  const title = layer.title ? properties[layer.title] : null;
  return isAbsent(title) ? `${layer.label} ${id ?? words.unnamed}` : String(title);
}

export const headingOf = (title) => ellipsise(title, HEADING);

/** What class a feature is of, in words: the class' label, the value of a tinted layer, or the alert. */
export function classLabel(layer, properties, alert) {
  if (alert) return layer.style.alertLabel ?? null;
  const { by, tints, classes } = layer.style;
  if (!by) return null;
  if (tints) return properties[by] ?? null;
  return classes[layer.places.get(properties[by])]?.label ?? null;
}

/** One line of at most `most` Chinese characters' width; a Latin letter counts as about half. */
export function ellipsise(text, most = 14) {
  const line = String(text).slice(0, 200).replace(/[\s\p{Cc}]+/gu, " ").trim();
  let width = 0;
  let kept = "";
  for (const letter of line) {
    width += /[\u1100-\u115f\u2e80-\uffdc]/.test(letter) || letter.length > 1 ? 1 : 0.55;
    if (width > most) return `${kept.trimEnd()}…`;
    kept += letter;
  }
  return kept;
}

export function escapeHtml(text) {
  return String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
