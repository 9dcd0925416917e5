// What this phone is ready for, and the reader's own choices.
import { html, nothing } from "lit-html";
import { bytes, moment } from "../saying.js";
import { LANGUAGES } from "../words.js";
import { foreign, icon, screen } from "./frame.js";

const LOOKS = ["auto", "light", "dark"];

export function settingsScreen(app) {
  const { words } = app;
  return screen(app, { title: words.settings, back: "" }, html`${person(app)}${language(app)}${looks(app)}${readiness(app)}${ground(app)}${device(app)}`);
}

function person(app) {
  const { words, pack } = app;
  if (!pack) return nothing;
  return html`<section class="fd-part" aria-labelledby="me"><h2 id="me">${words.me}</h2>
    <p><b>${foreign(pack.me.name)}</b></p>
    <form action="/auth/sign-out" method="post" @submit=${(event) => app.signOut(event)}><button class="fd-button fd-button-quiet">${words.signOut}</button></form>
    <p class="fd-fine">${words.signOutHint}</p>
    <p><a class="fd-link" href="/">${words.portal}</a></p>
  </section>`;
}

const choice = (isChosen, said, act, lang) => html`<button class="fd-choice" lang=${lang ?? nothing} aria-pressed=${String(isChosen)} @click=${act}>${said}</button>`;

function language(app) {
  const set = (lang) => (app.setLanguage(lang), app.draw());
  return html`<section class="fd-part" aria-labelledby="language"><h2 id="language">${app.words.language}</h2>
    <div class="fd-choices">${Object.entries(LANGUAGES).map(([lang, [said, code]]) => choice(app.lang === lang, said, () => set(lang), code))}</div>
  </section>`;
}

function looks(app) {
  const set = (look) => (app.setLook(look), app.draw());
  return html`<section class="fd-part" aria-labelledby="looks"><h2 id="looks">${app.words.looks}</h2>
    <div class="fd-choices">${LOOKS.map((look) => choice(app.look === look, app.words.look[look], () => set(look)))}</div>
  </section>`;
}

function readiness({ words, installed }) {
  const ready = installed === "ready";
  const said = ready ? words.offlineReady : `${words.offlineNotReady}${words.offlineWhy[installed]}`;
  return html`<section class="fd-part"><p class=${ready ? "fd-good" : "fd-bad"}>${icon(ready ? "check" : "warn")}<span>${said}</span></p>
    ${installed === "insecure" ? html`<p class="fd-fine">${words.insecure}</p>` : nothing}</section>`;
}

function ground(app) {
  const { words, tiles, packState } = app;
  const said = tiles.getting ? words.tilesGetting(tiles.kept, tiles.all) : tiles.all ? words.tilesKept(tiles.kept, tiles.all) : words.noTiles;
  return html`<section class="fd-part" aria-labelledby="ground"><h2 id="ground">${words.map}</h2>
    <p role="status">${said}</p>
    <button class="fd-button fd-button-quiet" ?disabled=${!app.online || tiles.getting || tiles.kept === tiles.all || !app.secure} @click=${() => app.keepTiles()}>${words.tilesNow}</button>
    ${packState.at ? html`<p class="fd-fine">${words.readAt(moment(packState.at))}</p>` : nothing}
    <button class="fd-button fd-button-quiet" ?disabled=${!app.online || packState.reading} @click=${() => app.readPack({ told: true })}>${words.refresh}</button>
  </section>`;
}

function device(app) {
  const { words, persisted, used, config } = app;
  const offset = app.outbox?.clock().clock_offset_s;
  return html`<section class="fd-part">
    ${used ? html`<p>${words.storage(bytes(used))}</p>` : nothing}
    ${persisted === null ? nothing : html`<p class=${persisted ? "fd-good" : "fd-bad"}>${icon(persisted ? "check" : "warn")}<span>${persisted ? words.persistent : words.notPersistent}</span></p>`}
    ${persisted === false ? html`<button class="fd-button fd-button-quiet" @click=${() => app.askPersist()}>${words.askPersist}</button>` : nothing}
    ${typeof offset === "number" && Math.abs(offset) >= 5 ? html`<p>${words.clock(Math.round(offset))}</p>` : nothing}
    <p class="fd-fine">${words.version(config.version)}</p>
  </section>`;
}
