// The start: who I am, what waits, and what to log.
import { html, nothing } from "lit-html";
import { foreign, icon, note, screen } from "./frame.js";
import { patrolCard } from "./patrol.js";

export function startScreen(app) {
  const { words, pack } = app;
  const title = pack ? words.greeting(pack.me.name) : words.name;
  return screen(app, { title, look: "fd-start" }, pack ? content(app) : unread(app));
}

function content(app) {
  const { words, pack } = app;
  const { role_label: role, division_name: named, division } = pack.me;
  return html`
    <p class="fd-who">${foreign(app.label(role))} · ${foreign(named ?? division)}</p>
    ${app.secure ? nothing : note("warn", words.insecure)}
    ${app.online ? nothing : note("calm", words.offline)}
    ${app.sending.others ? note("calm", words.other) : nothing}
    ${app.unfinished.map((draft) => unfinished(app, draft))}
    <ul class="fd-waits" aria-label=${words.waits}>${outboxCard(app)}${casesCard(app)}</ul>
    ${app.patrolState?.on ? patrolCard(app) : nothing}
    <section class="fd-kinds" aria-labelledby="kinds">
      <h2 id="kinds">${words.whatFound}</h2>
      <ul>${[...pack.forms].sort(mostGeneral).map((form, place) => kind(app, form, place))}</ul>
    </section>
    ${app.patrolState?.on ? nothing : patrolCard(app)}
  `;
}

/** What takes any matter comes first: it is what is logged most. */
const mostGeneral = (a, b) => hasMatter(b) - hasMatter(a);
const hasMatter = ({ fields }) => fields.some(({ matter }) => matter);

const kind = (app, form, place) => {
  const label = app.label(form.label);
  return html`<li><a class="fd-kind fd-kind-${place % 6}" href=${`#/new/${encodeURIComponent(form.layer)}`}>
    <span class="fd-kind-sign" aria-hidden="true">${[...label][0] ?? ""}</span><bdi>${label}</bdi>
  </a></li>`;
};

function outboxCard({ words, sending }) {
  const { waiting = 0, refused = 0, received = 0 } = sending;
  const line = refused ? words.refusedCount(refused) : waiting ? words.onPhone(waiting) : received ? words.receivedCount(received) : words.allSent;
  const look = refused ? "bad" : waiting ? "warn" : "good";
  return html`<li><a class="fd-wait-card fd-wait-${look}" href="#/outbox">${icon("outbox")}<b>${words.outbox}</b><span>${line}</span></a></li>`;
}

function casesCard({ words, pack }) {
  const { features } = pack.open;
  const late = features.filter(({ properties }) => isLate(properties)).length;
  return html`<li><a class="fd-wait-card fd-wait-${late ? "bad" : "calm"}" href="#/cases">${icon("cases")}<b>${words.cases}</b>
    <span>${features.length ? words.openCases(features.length) : words.noCases}${late ? html`<br />${words.overdue(late)}` : nothing}</span></a></li>`;
}

/** Whether the day that something is due on has passed, by the phone's calendar. */
export function isLate({ due }) {
  return Boolean(due) && new Date(`${String(due).slice(0, 10)}T23:59:59`) < new Date();
}

function unfinished(app, draft) {
  const { words } = app;
  const form = app.form(draft.layer);
  return html`<div class="fd-note fd-note-warn">
    <p><b>${words.unfinished}</b> ${foreign(app.label(form.label))}</p>
    <div class="fd-row">
      <button class="fd-button fd-button-small" @click=${() => app.resume(draft)}>${words.resume}</button>
      <button class="fd-button fd-button-small fd-button-quiet" @click=${() => app.discard(draft)}>${words.discard}</button>
    </div>
  </div>`;
}

/** Before anything was ever read. */
function unread(app) {
  const { words, packState } = app;
  if (packState.reading) return html`<p class="fd-wait" role="status">${words.loading}</p>`;
  return html`
    ${app.secure ? nothing : note("warn", words.insecure)}
    ${["signed-out", "forbidden"].includes(packState.trouble) ? nothing : note("warn", words.neverLoaded)}
    <button class="fd-button" @click=${() => app.readPack()}>${words.retry}</button>
    <p class="fd-fine"><a href="/">${words.portal}</a></p>
  `;
}
