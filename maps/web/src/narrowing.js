// The form that narrows the map down, over the map. Without this script its link leads to the same form as a page.
import { element } from "./dom.js";
import { request } from "./requests.js";

/** Opens the form that the page's link leads to in a dialog, where the browser has such. */
export function bindNarrowing(words) {
  const link = document.querySelector("a.gf-filter");
  if (!link || !window.HTMLDialogElement?.prototype.showModal) return;
  let dialog = null;
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    try {
      dialog ??= document.body.appendChild(await made(link, words));
    } catch {
      return window.location.assign(link.href); // the page says what is wrong
    }
    dialog.showModal();
  });
}

async function made(link, words) {
  const response = await request(link.href, { accept: "text/html" });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const form = document.importNode(page.querySelector("form.narrowing"), true);
  const address = page.querySelector('link[href*="narrowing."]').getAttribute("href");
  await styled(address);
  form.addEventListener("submit", () => send(form));
  for (const again of form.querySelectorAll("a")) again.addEventListener("click", () => (again.hash = window.location.hash));
  const close = element("button", { type: "button", class: "gf-close", "aria-label": words.close, title: words.close });
  const dialog = element("dialog", { class: "gf-narrowing", "aria-label": link.textContent }, element("header", {}, element("h2", {}, link.textContent), close), form);
  close.addEventListener("click", () => dialog.close());
  return dialog;
}

/** Settled once the style of the form is there. */
function styled(href) {
  return new Promise((resolve, reject) => document.head.append(element("link", { rel: "stylesheet", href, onload: resolve, onerror: reject })));
}

/** The view stays where it is, and what was left empty stays out of the address. */
function send(form) {
  form.setAttribute("action", form.getAttribute("action").split("#")[0] + window.location.hash);
  const blank = [...form.elements].filter((control) => control.name && !control.value);
  for (const control of blank) control.disabled = true;
  setTimeout(() => blank.forEach((control) => (control.disabled = false))); // for whoever comes back
}
