// A record as it is being made: what was entered, what is still missing, and what is sent of it in the end. Pure.

const DECIMALS = 7; // a centimetre
export const REASONS = ["indoors", "no_signal", "denied", "device", "other"];

/** An empty draft of a form. */
export function begun(uuid, form, at) {
  return { uuid, layer: form.layer, values: {}, photos: [], hand: null, noFix: null, field: null, measured: null, begun_at: at, replaces: null };
}

/** Whether anything was entered that would be lost. */
export const isEmpty = (draft) => !draft.photos.length && !Object.values(draft.values).some(isGiven) && !draft.hand && !draft.noFix;

const isGiven = (value) => value !== undefined && value !== null && value !== "";

/** How the place is known: "by_hand", "field", "measured", or null when it is not. */
export function positionOf({ hand, noFix, field, measured }) {
  if (hand) return "by_hand";
  if (noFix) return field ? "field" : null;
  return measured ? "measured" : null;
}

/** Where it is: { lon, lat }, null when only the field is known, or nothing. */
export const placeOf = (draft) => draft.hand ?? (draft.noFix ? null : draft.measured);

/** What keeps the record from being saved, in the order of the screen: { photos: n, fields: [name], invalid: [name], place }. */
export function missing(draft, form) {
  const position = positionOf(draft);
  return {
    photos: Math.max(0, form.photos - draft.photos.length),
    fields: form.fields.filter((field) => field.required && !isGiven(draft.values[field.name])).map(({ name }) => name),
    invalid: form.fields.filter((field) => isGiven(draft.values[field.name]) && parsed(field, draft.values[field.name]) === undefined).map(({ name }) => name),
    place: position ? null : draft.noFix ? "reason" : "place",
  };
}

export const isWhole = ({ photos, fields, invalid, place }) => !photos && !fields.length && !invalid.length && !place;

const FULL_WIDTH = /[０-９．－＋]/g;

/** A value as it is sent; undefined for a number that is none. Chinese keyboards write digits in full width. */
export function parsed({ type }, value) {
  if (type === "boolean") return value === true || value === "true";
  if (type !== "integer" && type !== "decimal") return String(value).trim();
  const text = String(value).trim().replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).replace("。", ".");
  const fits = type === "integer" ? /^[-+]?\d{1,15}$/ : /^[-+]?\d{1,15}(\.\d{1,15})?$/;
  return fits.test(text) ? Number(text) : undefined;
}

/** What is sent: { layer, title, feature }, `at` as ISO text with its zone. */
export function finished(draft, form, { at, title }) {
  const place = placeOf(draft);
  const given = form.fields.filter(({ name }) => isGiven(draft.values[name]));
  const values = given.map((field) => [field.name, parsed(field, draft.values[field.name])]);
  return {
    layer: draft.layer,
    title,
    feature: {
      type: "Feature",
      geometry: place ? { type: "Point", coordinates: [rounded(place.lon), rounded(place.lat)] } : null,
      properties: Object.fromEntries(values),
      captured: captured(draft, at),
      photos: draft.photos.map(({ sha256, role, taken_at }) => ({ sha256, role, taken_at: taken_at ?? null })),
    },
  };
}

function captured(draft, at) {
  const position = positionOf(draft);
  return {
    at,
    datum: "wgs84",
    position,
    measured: draft.measured ? measured(draft.measured) : null,
    no_fix: draft.noFix && !draft.hand ? draft.noFix : null,
    field: position === "field" ? draft.field : null,
  };
}

const measured = ({ lon, lat, accuracy_m, readings, at }) => ({
  lon: rounded(lon),
  lat: rounded(lat),
  accuracy_m: Math.round(accuracy_m * 10) / 10,
  readings,
  at: new Date(at).toISOString(),
});

const rounded = (degrees) => Number(degrees.toFixed(DECIMALS));
