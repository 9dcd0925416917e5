// Where it is: measured, pointed out on the map, or only the field with the reason why.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { REASONS } from "../draft.js";
import { moment } from "../saying.js";
import { foreign, icon, screen } from "./frame.js";

export function place(app) {
  const { words, recording } = app;
  const { draft, tried, missing } = recording;
  return html`<section class="fd-part" aria-labelledby="place" id="part-place" ?data-lacking=${tried && missing.place !== null}>
    <h2 id="place">${words.place}</h2>
    ${fieldLine(app)} ${status(app)}
    ${draft.noFix && !draft.hand ? withoutFix(app) : small(app)}
    <div class="fd-row">
      <a class="fd-button fd-button-quiet" href="#/place">${icon("pin")}${words.onMap}</a>
      ${other(app)}
    </div>
  </section>`;
}

/** The field and who answers for it, at once and without a network. */
function fieldLine(app) {
  const { words, recording } = app;
  const { field } = recording;
  if (!field && !recording.place) return nothing;
  if (!field) return html`<p class="fd-in fd-in-none" role="status">${icon("warn")}${words.outside}</p>`;
  const { name, code, leader } = field.properties;
  return html`<p class="fd-in" role="status"><b>${foreign(name ?? code)}</b> <span>${leader ? foreign(words.leader(leader)) : words.noLeader}</span></p>`;
}

function status(app) {
  const { words, recording, pack } = app;
  const { draft, fault, moved } = recording;
  if (draft.hand) return html`<p class="fd-fix">${words.byHand}${moved === null ? nothing : html` · ${words.byHandAway(moved)}`}</p>`;
  if (draft.noFix) return nothing;
  if (!draft.measured) return html`<p class="fd-fix" role="status">${fault ? html`${icon("warn")}${words.errors[fault]}` : words.locating}</p>`;
  const metres = Math.round(draft.measured.accuracy_m);
  const limit = pack.settings.accuracy_m;
  const coarse = metres > limit;
  return html`<p class="fd-fix ${coarse ? "fd-fix-coarse" : "fd-fix-good"}"><b>${words.accuracy(metres)}</b> · ${recording.pinned ? words.measuredAt(moment(draft.measured.at)) : words.readings(draft.measured.readings)}</p>
    ${recording.pinned ? html`<button class="fd-link" @click=${() => recording.locateAnew()}>${words.locateAnew}</button>` : nothing}
    ${coarse ? html`<p class="fd-bad">${icon("warn")}${words.coarse(metres, limit)}</p>` : nothing}`;
}

/** A small map that only shows; the large one is a tap away. */
function small(app) {
  const { recording, words } = app;
  if (!recording.place) return nothing;
  const map = app.map("small");
  queueMicrotask(() => map.show({ place: recording.place, measured: recording.draft.measured, field: recording.field }));
  return html`<div class="fd-map-small" aria-hidden="true">${map.element}${map.state === "ready" ? nothing : html`<p class="fd-map-said">${map.state === "failed" ? words.mapFailed : words.mapLoading}</p>`}</div>`;
}

function other(app) {
  const { words, recording } = app;
  const { draft } = recording;
  if (draft.hand) return html`<button class="fd-button fd-button-quiet" @click=${() => recording.change({ hand: null })}>${words.useMeasured}</button>`;
  if (draft.noFix) return html`<button class="fd-button fd-button-quiet" @click=${() => recording.change({ noFix: null, field: null })}>${words.fixAgain}</button>`;
  const reason = recording.fault === "denied" ? "denied" : "no_signal";
  return html`<button class="fd-button fd-button-quiet" @click=${() => recording.change({ noFix: reason })}>${words.cannotFix}</button>`;
}

function withoutFix(app) {
  const { words, recording, pack } = app;
  const { noFix, field } = recording.draft;
  return html`
    <p class="fd-fix">${words.byField}</p>
    <label class="fd-field"><span>${words.noFixWhy}</span>
      <select .value=${live(noFix)} @change=${({ target }) => recording.change({ noFix: target.value })}>
        ${REASONS.map((reason) => html`<option value=${reason} ?selected=${reason === noFix}>${words.reasons[reason]}</option>`)}
      </select></label>
    <label class="fd-field" ?data-lacking=${recording.tried && !field}><span>${words.whichField}</span>
      <select .value=${live(field ?? "")} @change=${({ target }) => recording.change({ field: target.value || null })}>
        <option value="" ?selected=${!field}>${words.choose}</option>
        ${pack.fields.features.map(({ properties: { code, name } }) => html`<option value=${code} ?selected=${code === field}>${name ?? ""} ${code}</option>`)}
      </select></label>
  `;
}

// ---- the large map --------------------------------------------------------------------------
/** Moved under a cross in its middle: a thumb covers what it points at. */
export function placeScreen(app) {
  const { words, recording } = app;
  const map = app.map("large");
  queueMicrotask(() => map.show({ place: recording.place, measured: recording.draft.measured, field: app.pointed?.field ?? recording.field }));
  const foot = html`
    <p class="fd-in" role="status">${app.pointed ? (app.pointed.field ? html`<b>${foreign(app.pointed.field.properties.name)}</b>` : words.outside) : words.moveMap}</p>
    <div class="fd-row">
      ${recording.draft.measured ? html`<button class="fd-button fd-button-quiet" @click=${() => app.useMeasured()}>${words.useMeasured}</button>` : nothing}
      <button class="fd-button fd-save" ?disabled=${map.state !== "ready"} @click=${() => app.usePointed()}>${words.useThis}</button>
    </div>`;
  return screen(app, { title: words.onMap, back: `new/${encodeURIComponent(recording.draft.layer)}`, foot, look: "fd-place" }, html`<div class="fd-map-large">
    ${map.element}<div class="fd-cross" aria-hidden="true"></div>
    ${map.state === "ready" ? nothing : html`<p class="fd-map-said" role="status">${map.state === "failed" ? words.mapFailed : words.mapLoading}</p>`}
    <p class="fd-approval">${app.config.approval ?? words.internal}</p>
  </div>`);
}
