// The open cases of the own ground, as they were when the pack was read.
import { html, nothing } from "lit-html";
import { distance } from "../position.js";
import { day } from "../saying.js";
import { foreign, screen } from "./frame.js";
import { isLate } from "./start.js";

export function casesScreen(app) {
  const { words, pack, here, casesBy } = app;
  const rows = pack.open.features.map(({ geometry, properties }) => ({ ...properties, away: here && geometry ? distance(here, { lon: geometry.coordinates[0], lat: geometry.coordinates[1] }) : null }));
  rows.sort(casesBy === "distance" && here ? byDistance : byDue);
  const sorting = (by, said) => html`<button class="fd-choice" aria-pressed=${String(casesBy === by)} @click=${() => app.sortCases(by)}>${said}</button>`;
  return screen(app, { title: words.cases, back: "" }, html`
    ${rows.length > 1 ? html`<div class="fd-choices fd-sorting">${sorting("due", words.byDue)}${sorting("distance", words.byDistance)}</div>` : nothing}
    ${rows.length ? html`<ul class="fd-list" aria-label=${words.sites}>${rows.map((row) => one(app, row))}</ul>` : html`<p class="fd-nothing">${words.noCases}</p>`}
  `);
}

const byDue = (a, b) => String(a.due ?? "9999").localeCompare(String(b.due ?? "9999"));
const byDistance = (a, b) => (a.away ?? Infinity) - (b.away ?? Infinity);

function one(app, { layer, id, title, kind, due, field, recorded_at, away }) {
  const { words, online } = app;
  const late = isLate({ due });
  const said = html`<b>${foreign(nameOf(app, layer, kind) ?? title)}</b>
    <span class="fd-case-about">${[nameOf(app, layer, kind) && title, fieldNamed(app, field), recorded_at && words.caseAge(day(recorded_at))].filter(Boolean).map((each) => html`<span>${foreign(each)}</span>`)}</span>
    <span class="fd-case-end">${due ? html`<span class=${late ? "fd-late" : "fd-due"}>${words.due(day(due))}${late ? html` · ${words.late}` : nothing}</span>` : nothing}${away === null ? nothing : html`<span>${words.away(Math.round(away))}</span>`}</span>`;
  return html`<li class="fd-case">${online ? html`<a href=${`/collections/${encodeURIComponent(layer)}/items/${encodeURIComponent(id)}`}>${said}</a>` : html`<div>${said}</div>`}</li>`;
}

/** What a case is about: the label of its kind, else of what was logged. */
function nameOf(app, layer, kind) {
  const form = app.form(layer);
  const field = form?.fields.find(({ name }) => name === form.near?.kind);
  const choice = field && app.choices(field).find(({ value }) => value === kind);
  return app.label(choice?.label ?? form?.label) || null;
}

const fieldNamed = ({ pack }, code) => pack.fields.features.find(({ properties }) => properties.code === code)?.properties.name ?? code;
