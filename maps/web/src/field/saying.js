// Times and sizes as they are read.

/** A day and a time of the phone's own zone: "11-23 09:05"; with the year where it is another one. */
export function moment(at) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const day = `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const year = date.getFullYear() === new Date().getFullYear() ? "" : `${date.getFullYear()}-`;
  return `${year}${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The day of a date or of a moment: "2026-11-23". */
export const day = (at) => (/^\d{4}-\d{2}-\d{2}/.exec(String(at ?? "")) ?? [""])[0];

/** Minutes in the largest unit that fits. */
export function lasting(minutes, { ago }) {
  if (minutes < 120) return ago.minutes(minutes);
  return minutes < 48 * 60 ? ago.hours(Math.round(minutes / 60)) : ago.days(Math.round(minutes / 1440));
}

export function bytes(count) {
  return count < 1e6 ? `${Math.round(count / 1e3)} KB` : `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} MB`;
}

const two = (number) => String(number).padStart(2, "0");
