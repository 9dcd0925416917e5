// Coordinates as people type them.

/** "101.80, 36.62" as { lon, lat }, or { problem } with the key of a sentence. */
export function parsePlace(text) {
  const numbers = text.trim().split(/[\s,;\uff0c\uff1b\u3001]+/u).filter(Boolean);
  const [lon, lat] = numbers.map((number) => (/^-?\d+(\.\d+)?°?$/.test(number) ? parseFloat(number) : NaN));
  if (numbers.length !== 2 || Number.isNaN(lon) || Number.isNaN(lat)) return { problem: "bad_input" };
  if (Math.abs(lat) > 90 && Math.abs(lon) <= 90) return { problem: "swapped" };
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? { lon, lat } : { problem: "bad_input" };
}
