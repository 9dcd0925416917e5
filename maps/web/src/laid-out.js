// The moment after the page's own script has added its layers and controls.

export function onceLaidOut(run) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run, { once: true });
  else setTimeout(run, 0);
}
