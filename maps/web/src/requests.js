// Requests to our own address. That a session has ended is an error of its own: trying again does not mend it.
import { element } from "./dom.js";

export class SignedOut extends Error {
  /** `status` is 401 when nobody is signed in any more, 403 when who is may not have this (any more). */
  constructor(status) {
    super(`answered ${status}`);
    this.status = status;
  }
}

/** The response, whatever it is but a refusal of whoever asks. */
export async function request(url, { signal, accept } = {}) {
  const response = await fetch(url, { signal, credentials: "same-origin", headers: accept ? { accept } : {} });
  if (response.status === 401 || response.status === 403) throw new SignedOut(response.status);
  return response;
}

/** What to say of a failed request and what to do about it: come in again, or try again. */
export function trouble(error, said, words, again) {
  if (error instanceof SignedOut) return [saidOf(error, words), " ", signInLink(words)];
  return [said, " ", element("button", { type: "button", class: "gf-button", onclick: again }, words.retry)];
}

export const saidOf = ({ status }, words) => (status === 403 ? words.refused : words.signedOut);

/** The way in again, and from there to the address as it is when the link is followed. */
export function signInLink(words) {
  const link = element("a", { class: "gf-button", target: "_top" }, words.signIn);
  const aim = () => {
    const { pathname, search, hash } = window.top.location; // of the page, also from a map within it
    link.href = `/auth/sign-in?${new URLSearchParams({ next: pathname + search + hash })}`;
  };
  for (const event of ["pointerdown", "focus", "mouseenter"]) link.addEventListener(event, aim);
  aim();
  return link;
}
