// What is asked of a record, as its form says: choices as large buttons, checks as two of them, texts and numbers.
import { html, nothing } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { foreign, icon } from "./frame.js";

const FEW = 6; // choices that fit as buttons; the matters are many and yet what is looked for first
const LONG = 200; // characters, beyond which a text may need lines

export function controls(app) {
  const { words, recording } = app;
  const { fields } = recording.form;
  const checks = fields.filter(({ check }) => check);
  const others = fields.filter(({ check }) => !check);
  return html`
    <section class="fd-part" aria-labelledby="what">
      <h2 id="what">${words.what}</h2>
      ${others.map((field) => control(app, field))}
    </section>
    ${checks.length ? checklist(app, checks) : nothing}
  `;
}

function control(app, field) {
  const choices = app.choices(field);
  if (field.type === "boolean") return buttons(app, field, [{ value: true, text: app.words.yes }, { value: false, text: app.words.no }]);
  if (field.matter || (choices.length && choices.length <= FEW)) return buttons(app, field, choices.map(({ value, label }) => ({ value, text: app.label(label) })));
  return choices.length ? select(app, field, choices) : input(app, field);
}

const state = ({ recording }, { name }) => {
  const { missing, tried } = recording;
  return { value: recording.draft.values[name] ?? "", lacking: tried && missing.fields.includes(name), invalid: missing.invalid.includes(name) };
};

const heading = (app, field) => html`${foreign(app.label(field.label))}${field.unit ? html` (${foreign(app.label(field.unit))})` : nothing}${field.required ? html` <small>${app.words.required}</small>` : nothing}`;

/** One of few; the chosen one once more is none, where none is needed. */
function buttons(app, field, choices) {
  const { value, lacking } = state(app, field);
  const { recording } = app;
  const choose = (chosen) => recording.setValue(field.name, chosen === value && !field.required ? "" : chosen);
  return html`<fieldset class="fd-choose ${field.matter ? "fd-choose-many" : ""}" ?data-lacking=${lacking}>
    <legend>${heading(app, field)}</legend>
    <div class="fd-choices">
      ${choices.map(({ value: each, text }) => html`<button class="fd-choice" type="button" aria-pressed=${String(each === value)} @click=${() => choose(each)}>${foreign(text)}</button>`)}
    </div>
  </fieldset>`;
}

function select(app, field, choices) {
  const { value, lacking } = state(app, field);
  return html`<label class="fd-field" ?data-lacking=${lacking}>
    <span>${heading(app, field)}</span>
    <select .value=${live(value)} @change=${({ target }) => app.recording.setValue(field.name, target.value)}>
      <option value="" ?selected=${value === ""}>${app.words.choose}</option>
      ${choices.map((each) => html`<option value=${each.value} ?selected=${each.value === value}>${app.label(each.label)}</option>`)}
    </select>
  </label>`;
}

const KEYBOARDS = { integer: "numeric", decimal: "decimal" };

function input(app, field) {
  const { value, lacking, invalid } = state(app, field);
  const { words, recording } = app;
  const set = ({ target }) => recording.setValue(field.name, target.value);
  const longest = field.type === "text" && field.maximum ? field.maximum : null;
  const isLong = field.type === "text" && (longest ?? Infinity) > LONG;
  const box = isLong
    ? html`<textarea rows="1" maxlength=${longest ?? 10000} .value=${live(value)} @input=${set}></textarea>`
    : html`<input type=${field.type === "date" ? "date" : "text"} inputmode=${KEYBOARDS[field.type] ?? "text"} maxlength=${longest ?? 40} autocomplete="off" .value=${live(value)} @input=${set} aria-invalid=${String(invalid)} />`;
  return html`<label class="fd-field" ?data-lacking=${lacking || invalid}>
    <span>${heading(app, field)}</span>${box}${invalid ? html`<span class="fd-bad">${icon("warn")}${words.notNumber}</span>` : nothing}
  </label>`;
}

// ---- checklists -----------------------------------------------------------------------------
const LOOKS = { ok: "good", fault: "bad", not_looked: "none" };

function checklist(app, checks) {
  const { words, recording } = app;
  const rest = checks.filter(({ name }) => !recording.draft.values[name]);
  const allOk = () => recording.change({ values: { ...recording.draft.values, ...Object.fromEntries(rest.map(({ name }) => [name, "ok"])) } });
  return html`<section class="fd-part" aria-labelledby="checks">
    <h2 id="checks">${words.checks} <small>${checks.length - rest.length}/${checks.length}</small></h2>
    ${checks.map((field) => check(app, field))}
    <button class="fd-button fd-button-quiet" type="button" ?disabled=${!rest.length} @click=${allOk}>${words.allOk}</button>
  </section>`;
}

function check(app, field) {
  const { value, lacking } = state(app, field);
  const { recording } = app;
  const choose = (chosen) => recording.setValue(field.name, chosen === value ? "" : chosen);
  return html`<fieldset class="fd-check" ?data-lacking=${lacking}>
    <legend>${heading(app, field)}</legend>
    ${app.choices(field).map(
      ({ value: each, label }) => html`<button class="fd-choice fd-choice-${LOOKS[each] ?? "none"}" type="button" aria-pressed=${String(each === value)} @click=${() => choose(each)}>
        ${each === "ok" ? icon("check") : each === "fault" ? icon("warn") : nothing}${foreign(app.label(label))}
      </button>`,
    )}
  </fieldset>`;
}
