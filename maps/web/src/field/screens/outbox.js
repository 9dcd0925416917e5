// Everything logged on this phone, and how far each of it has come.
import { html, nothing } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { day, moment } from "../saying.js";
import { foreign, icon, screen } from "./frame.js";

const SIGNS = { kept: "outbox", sending: "outbox", received: "check", refused: "warn" };
const REFUSED_FIRST = { refused: 0, sending: 1, kept: 1, received: 2 };
const MOST = 200; // rows at a time; what waits comes first

export function outboxScreen(app) {
  const { words, entries, sending } = app;
  const waiting = sending.waiting > 0 || sending.sending > 0;
  const foot = html`<div class="fd-row">
    <button class="fd-button fd-button-quiet" ?disabled=${!entries.length || app.takingOut} @click=${() => app.takeOut()}>${app.takingOut ? words.takingOut : words.takeOut}</button>
    <button class="fd-button" ?disabled=${!waiting} @click=${() => app.outbox.sendNow()}>${words.sendNow}</button>
  </div>`;
  const sorted = [...entries].sort((a, b) => REFUSED_FIRST[a.state] - REFUSED_FIRST[b.state]).slice(0, MOST);
  return screen(app, { title: words.outbox, back: "", foot }, html`
    ${app.persisted === false && waiting ? html`<p class="fd-fine">${words.notPersisted}</p>` : nothing}
    ${sorted.length ? html`<ul class="fd-list">${repeat(sorted, ({ uuid }) => uuid, (entry) => row(app, entry))}</ul>` : html`<p class="fd-nothing">${words.nothingHere}</p>`}
    ${entries.length ? html`<p class="fd-fine">${words.takeOutHint}</p>` : nothing}
  `);
}

function row(app, entry) {
  const { words } = app;
  const { state, photos } = entry;
  const done = photos.filter((photo) => photo.state === "received").length;
  const form = app.form(entry.layer);
  return html`<li class="fd-entry fd-entry-${state}">
    <div class="fd-entry-head">
      <b>${foreign(entry.title)}</b>
      <span class="fd-state fd-state-${state}">${icon(SIGNS[state])}${words.states[state]}</span>
    </div>
    <p class="fd-entry-about">${form ? html`${foreign(app.label(form.label))} · ` : nothing}${moment(entry.added_at)}${photos.length ? html` · ${words.photoStates(done, photos.length)}` : nothing}</p>
    ${entry.receipt ? receipt(words, entry.receipt) : nothing}
    ${entry.reason && state !== "received" ? reason(words, entry) : nothing}
    ${state === "refused" ? mending(app, entry) : nothing}
    ${state === "received" ? html`<button class="fd-link" @click=${() => app.ask({ text: words.removeSure, yes: words.remove, act: () => app.outbox.remove(entry.uuid) })}>${words.remove}</button>` : nothing}
  </li>`;
}

function receipt(words, { field, leader, due, received_at }) {
  const assigned = words.assignedTo(field?.name, leader);
  const lines = [words.receivedAt(moment(received_at)), assigned, due && words.due(day(due))].filter(Boolean);
  return html`<p class="fd-entry-receipt">${lines.map((line) => html`<span>${foreign(line)}</span>`)}</p>`;
}

/** Why it has not gone: in the phone's words, and in the server's where it has said something. */
function reason(words, { state, reason: { code, words: told, findings = [] } }) {
  const known = words.reasonOf[code] ?? (state === "refused" ? words.reasonOf.refused : words.reasonOf.server);
  return html`<div class="fd-entry-reason" role=${state === "refused" ? "alert" : "note"}>
    <p>${known}${told ? html`${words.colon}${foreign(told)}` : nothing}</p>
    ${findings.length ? html`<ul>${findings.slice(0, 5).map((each) => html`<li>${foreign(each.sentence ?? each.message ?? each.detail)}</li>`)}</ul>` : nothing}
  </div>`;
}

function mending(app, entry) {
  const { words } = app;
  return html`<div class="fd-row">
    ${entry.receipt ? nothing : html`<button class="fd-button fd-button-small" @click=${() => app.mend(entry)}>${words.mend}</button>`}
    <button class="fd-button fd-button-small fd-button-quiet" @click=${() => app.outbox.retry(entry.uuid)}>${words.again}</button>
    ${entry.taken_out_at && !entry.receipt ? html`<button class="fd-button fd-button-small fd-button-quiet" @click=${() => app.ask({ text: words.removeSure, yes: words.remove, act: () => app.outbox.remove(entry.uuid) })}>${words.remove}</button>` : nothing}
  </div>`;
}
