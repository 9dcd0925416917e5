// The patrol on the start screen: begin, how far it has come, and end.
import { html, nothing } from "lit-html";
import { icon, note } from "./frame.js";
import { openPatrol } from "../patrol.js";

/** Opens what is kept of patrols once it is known who is there; another person's begin anew. */
export async function withPatrol(app) {
  const { pack, outbox } = app;
  if (!pack?.settings.patrols || app.patrolOwner === pack.me.id) return;
  app.patrolOwner = pack.me.id; // at once: this may be asked for again before it is open
  app.patrol?.close();
  app.patrol = null;
  const told = { owner: pack.me.id, clock: () => outbox.clock(), app: app.config.version, device: outbox.device };
  app.patrol = await openPatrol({ ...told, onChange: (state) => app.change({ patrolState: { ...state } }) });
}

export function patrolCard(app) {
  const { words, patrol, patrolState: state } = app;
  if (!patrol || !state) return nothing;
  const said = words.patrol;
  return html`<section class="fd-patrol fd-patrol-${state.on ? "on" : "off"}" aria-label=${said.title}>
    <p class="fd-patrol-line"><b>${icon("pin")}${said.title}</b><span role="status">${line(said, state)}</span></p>
    ${trouble(app, said, state)}
    ${state.on
      ? html`<button class="fd-button fd-button-quiet" @click=${() => patrol.stop()}>${said.stop}</button>`
      : html`<button class="fd-button" ?disabled=${!app.secure} @click=${() => patrol.start()}>${said.start}</button>`}
    ${state.on ? nothing : html`<p class="fd-fine">${said.who} <a href="/patrols">${said.mine}</a></p>`}
  </section>`;
}

function line(said, { on, since, metres, waiting }) {
  const minutes = on ? Math.max(0, Math.round((Date.now() - Date.parse(since)) / 60_000)) : 0;
  const parts = [on ? said.going(minutes, metres) : null, waiting ? said.waiting(waiting) : null];
  return parts.filter(Boolean).join(said.apart);
}

/** What keeps it from being noted or sent, the most pressing first. */
function trouble(app, said, { on, lost, elsewhere, refused, trouble: unsent }) {
  if (refused) {
    const forget = () => app.patrol.forget(refused.uuid);
    return note("bad", html`${said.refused}<bdi>${refused.words ?? ""}</bdi>`, html`<button class="fd-button fd-button-small" @click=${forget}>${said.forget}</button>`);
  }
  if (on && lost) return note("warn", said.lost[lost] ?? said.lost["no-position"]);
  if (on && elsewhere) return note("calm", said.elsewhere);
  if (["full", "store"].includes(unsent?.code)) return note("bad", said.store);
  return nothing;
}
