// One record: photographs, what it is, where it is; saved by the button at the thumb.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { contradicted } from "../position.js";
import { lasting } from "../saying.js";
import { controls } from "./controls.js";
import { foreign, icon, note, screen } from "./frame.js";
import { nearList } from "./near.js";
import { place } from "./place.js";

const ROLES = ["far", "near", "before", "after", "other"];

export function recordScreen(app) {
  return screen(app, { title: app.label(app.recording.form.label), back: "", foot: foot(app), look: "fd-record" }, html`${left(app)}${photos(app)}${controls(app)}${place(app)}${near(app)}`);
}

/** That it goes on from where it was left, and the way out of that. */
function left(app) {
  const { words, recording } = app;
  if (!recording.resumed) return nothing;
  const discard = () => app.discard(recording.draft);
  return note("calm", words.resumed, html`<button class="fd-button fd-button-small fd-button-quiet" @click=${discard}>${words.discard}</button>`);
}

// ---- photographs ----------------------------------------------------------------------------
function photos(app) {
  const { words, recording } = app;
  const { draft, form, busy, photoFault, tried, missing } = recording;
  const wanted = form.photos ? words.needPhotos(form.photos) : words.optional;
  return html`<section class="fd-part" aria-labelledby="photos" id="part-photos" ?data-lacking=${tried && missing.photos > 0}>
    <h2 id="photos">${words.photos} <small>${wanted}</small></h2>
    <div class="fd-photos" ?hidden=${!draft.photos.length}>
      ${repeat(draft.photos, ({ sha256 }) => sha256, (photo, at) => thumbnail(app, photo, at + 1))}
    </div>
    ${draft.photos.map((photo, at) => doubts(app, photo, at + 1))}
    <div class="fd-shoots">
      <label class="fd-shoot">
        ${icon("camera")}<span>${words.addPhoto}</span>
        <input type="file" accept="image/*" capture="environment" @change=${(event) => take(app, event)} />
      </label>
      <label class="fd-shoot fd-shoot-quiet">
        ${icon("gallery")}<span>${words.addFrom}</span>
        <input type="file" accept="image/*" multiple @change=${(event) => take(app, event)} />
      </label>
    </div>
    <p class="fd-working" role="status">${busy ? words.preparing : ""}</p>
    ${photoFault ? html`<p class="fd-bad" role="alert">${icon("warn")}${words[photoFault]}</p>` : nothing}
    <label class="fd-switch"><input type="checkbox" .checked=${live(app.watermark)} @change=${({ target }) => app.setWatermark(target.checked)} /><span>${words.watermark}<small>${words.watermarkHint}</small></span></label>
  </section>`;
}

function take(app, { target }) {
  const files = [...target.files];
  target.value = ""; // so that the same picture can be chosen again
  if (files.length) app.recording.addPhotos(files);
}

function thumbnail(app, photo, n) {
  const { words, recording } = app;
  return html`<figure class="fd-photo">
    <img src=${recording.url(photo)} alt=${words.photoOf(n)} />
    <button class="fd-photo-drop" aria-label=${words.removePhoto(n)} @click=${() => recording.removePhoto(photo.sha256)}>${icon("close")}</button>
    <figcaption>
      <select aria-label=${`${words.photoOf(n)}${words.colon}${words.role}`} @change=${({ target }) => recording.setRole(photo.sha256, target.value)}>
        ${ROLES.map((role) => html`<option value=${role} ?selected=${role === photo.role}>${words.roles[role]}</option>`)}
      </select>
    </figcaption>
  </figure>`;
}

/** Where and when the camera says that it was, if that is not here and now. */
function doubts(app, photo, n) {
  const { words, recording, pack } = app;
  const { photo_m: metres = 100, photo_minutes: minutes = 15 } = pack.settings;
  const device = { place: recording.draft.measured, accuracy_m: recording.draft.measured?.accuracy_m, at: photo.added_at };
  const found = contradicted(photo, device, { metres, minutes });
  const said = [found.metres && words.photoFar(found.metres), found.minutes && words.photoOld(lasting(found.minutes, words))].filter(Boolean);
  return said.length ? html`<p class="fd-doubt">${icon("warn")}<span>${words.photoOf(n)}${words.colon}${said.join(" ")}</span></p>` : nothing;
}

// ---- what is perhaps the same ---------------------------------------------------------------
function near({ words, recording }) {
  if (!recording.near.length) return nothing;
  return html`<section class="fd-part fd-near" aria-labelledby="near">
    <h2 id="near">${icon("warn")}${words.near}</h2>
    <p>${words.nearAsk}</p>
    ${nearList(words, recording.near)}
  </section>`;
}

// ---- saving ---------------------------------------------------------------------------------
function foot(app) {
  const { words, recording } = app;
  const lacking = recording.tried ? lacks(app) : [];
  return html`
    ${brief(app)}
    ${lacking.length ? html`<p class="fd-lacks" role="alert">${words.missing}${lacking.map((each, n) => html`${n ? words.comma : nothing}${foreign(each)}`)}</p>` : nothing}
    <button class="fd-button fd-save" ?disabled=${recording.saving || recording.busy > 0} @click=${() => app.save()}>${recording.saving ? words.saving : words.save}</button>
  `;
}

/** Where it is in one line, in sight wherever the form was scrolled to. */
function brief({ words, recording, pack }) {
  const { field, place: at, fault, draft } = recording;
  const metres = draft.measured && !draft.hand && !draft.noFix ? Math.round(draft.measured.accuracy_m) : null;
  const coarse = metres !== null && metres > pack.settings.accuracy_m;
  const where = field ? foreign(field.properties.name ?? field.properties.code) : at ? words.outside : draft.noFix ? words.noFix : fault ? words.noPosition : words.locating;
  return html`<p class="fd-brief ${!field && (at || fault || draft.noFix) ? "fd-brief-doubt" : ""}">
    ${icon("pin")}<b>${where}</b>${field?.properties.leader ? html`<span>${foreign(words.leader(field.properties.leader))}</span>` : nothing}${metres === null ? nothing : html`<span class="fd-brief-metres ${coarse ? "fd-brief-coarse" : ""}">${words.within(metres)}</span>`}
  </p>`;
}

function lacks(app) {
  const { words, recording } = app;
  const { photos: lackingPhotos, fields, invalid, place: where } = recording.missing;
  const labels = new Map(recording.form.fields.map(({ name, label }) => [name, app.label(label)]));
  return [
    ...(lackingPhotos ? [words.missingPhotos(lackingPhotos)] : []),
    ...[...fields, ...invalid].map((name) => labels.get(name)),
    ...(where ? [where === "reason" ? words.missingReason : words.missingPlace] : []),
  ];
}
