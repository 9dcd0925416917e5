// Links to one drawn feature: `#row=12` or `#id=gap-3f9a1c`, in the address or anywhere on the page.

const LINK = /^#(row|id)=(.+)$/;

/** { key: "row" | "id", text } of an address' hash, or null. */
export function parseLink(hash) {
  const found = LINK.exec(hash);
  return found ? { key: found[1], text: decoded(found[2]) } : null;
}

/** Calls `follow` whenever the address comes to name a feature, or its link is clicked again. */
export function followLinks(follow) {
  const go = () => {
    const link = parseLink(window.location.hash);
    if (link) follow(link);
  };
  window.addEventListener("hashchange", go);
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("a[href^='#']")?.hash === window.location.hash) go();
  });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
