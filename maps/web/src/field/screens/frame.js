// What stands around every screen: the bar, what has to be known everywhere, a word that passes, a question.
import { html, nothing } from "lit-html";
import { ref, createRef } from "lit-html/directives/ref.js";

/** A whole screen: its bar, its content and, at the thumb, its foot. */
export function screen(app, { title, back = null, foot = nothing, look = "" }, content) {
  const { words } = app;
  return html`
    <header class="fd-bar">
      ${back === null ? nothing : html`<a class="fd-icon-link" href=${`#/${back}`} aria-label=${words.back}>${icon("back")}</a>`}
      <h1>${title}</h1>
      ${app.online ? nothing : html`<span class="fd-net">${icon("offline")}${words.noNetwork}</span>`}
      ${back === null ? html`<a class="fd-icon-link" href="#/settings" aria-label=${words.settings}>${icon("settings")}</a>` : nothing}
    </header>
    <main class="fd-main ${look}" id="content" tabindex="-1">${notices(app)}${content}</main>
    ${foot === nothing ? nothing : html`<footer class="fd-foot">${foot}</footer>`}
    <div class="fd-toast" role="status" ?data-shown=${Boolean(app.toast)}>${app.toast ?? ""}</div>
    ${app.question ? question(app) : nothing}
  `;
}

/** What the app has to say on every screen, the most pressing first. */
function notices(app) {
  const { words, packState } = app;
  const signedOut = app.sending.signedOut || packState.trouble === "signed-out";
  return html`
    ${app.fault ? note("bad", html`${words.lost}${app.fault}`) : nothing}
    ${signedOut ? note("bad", words.signedOut, html`<a class="fd-button fd-button-small" href="/auth/sign-in?next=%2Ffield">${words.signIn}</a>`) : nothing}
    ${packState.trouble === "forbidden" ? note("bad", words.forbidden) : nothing}
    ${app.update ? note("calm", words.update, html`<button class="fd-button fd-button-small" @click=${() => app.takeUpdate()}>${words.updateNow}</button>`) : nothing}
  `;
}

export const note = (kind, text, action = nothing) => html`<div class="fd-note fd-note-${kind}"><p>${text}</p>${action}</div>`;

/** Asks something before it is done; what was meant is done only by the answer. */
function question(app) {
  const { text, hint, rows, yes, act } = app.question;
  const close = () => app.change({ question: null });
  const shown = createRef();
  queueMicrotask(() => shown.value && !shown.value.open && open(shown.value));
  return html`<dialog class="fd-question" ${ref(shown)} aria-labelledby="question" @cancel=${close} @close=${close}>
    <h2 id="question">${text}</h2>
    ${hint ? html`<p>${hint}</p>` : nothing} ${rows ?? nothing}
    <div class="fd-question-answers">
      <button class="fd-button fd-button-quiet" @click=${close}>${app.words.back}</button>
      <button class="fd-button" @click=${() => (close(), act())}>${yes}</button>
    </div>
  </dialog>`;
}

function open(dialog) {
  if (dialog.showModal) dialog.showModal();
  else dialog.setAttribute("open", "");
}

const DRAWN = {
  back: "M15 5l-7 7 7 7",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  offline: "M4 4l16 16M5 9a11 11 0 0 1 4-2.3M12 6c3 0 5.400 1.200 7.200 3M8 13a6 6 0 0 1 3-1.600M12 18.500h.01",
  camera: "M4 8h3l1.500-2.500h7L17 8h3v11H4zM12 10.200a3.300 3.300 0 1 0 0 6.600 3.300 3.300 0 0 0 0-6.600z",
  gallery: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 8.500h.01",
  close: "M6 6l12 12M18 6L6 18",
  pin: "M12 21s-6.500-6.200-6.500-11a6.500 6.500 0 0 1 13 0c0 4.800-6.500 11-6.500 11zM12 7.700a2.300 2.300 0 1 0 0 4.600 2.300 2.300 0 0 0 0-4.600z",
  outbox: "M4 14v6h16v-6M12 15V4M7.500 8.500L12 4l4.500 4.500",
  cases: "M5 4h14v16H5zM8.500 9h7M8.500 13h7M8.500 17h4",
  check: "M5 12.500l4.500 4.500L19 7.500",
  warn: "M12 4l9 16H3zM12 10v4.500M12 17.300h.01",
};

/** A drawn sign; what it means is said beside it. */
export const icon = (name) => html`<svg class="fd-icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d=${DRAWN[name]} /></svg>`;

/** Text from elsewhere, whose direction of writing stays its own. */
export const foreign = (text) => html`<bdi>${text ?? ""}</bdi>`;
