// The record under the hand: begun, filled in, kept at every step (phones kill pages while the camera is open), put into the outbox.
import { begun, finished, isEmpty, isWhole, missing, parsed, placeOf } from "./draft.js";
import { Locating } from "./locating.js";
import { likelySame } from "./near.js";
import { prepare } from "./pictures.js";
import { distance, fieldAt } from "./position.js";
import { moment } from "./saying.js";

const MENDED = "mended"; // the draft of a refused record; of each layer there is one of its own
const ROLES = ["far", "near", "other"];
const KEEP_MS = 250;
const NEAR_MS = 700;
const NEAR_MOVED_M = 8; // below, what is near is the same

export class Recording {
  constructor(app) {
    this.app = app;
    this.draft = null;
    this.form = null;
    this.fault = null; // of the position
    this.busy = 0; // photographs being prepared
    this.photoFault = null;
    this.saving = false;
    this.tried = false; // saved in vain: now what is missing is marked
    this.near = [];
    this.urls = new Map();
    this.locating = new Locating((found) => this.#located(found));
  }

  /** The draft under a name that an earlier page left, if there is one of this person's with something in it. */
  async kept(name) {
    const found = await this.app.outbox.draft(name).catch(() => null);
    return found && found.owner === this.app.outbox.owner && !isEmpty(found) ? found : null;
  }

  /** All drafts that were left. */
  async unfinished() {
    const names = [MENDED, ...this.app.pack.forms.map(({ layer }) => layer)];
    return (await Promise.all(names.map((name) => this.kept(name)))).filter(Boolean);
  }

  /** Begins a record of a layer, or goes on with the one that was left. */
  begin(form, kept = null) {
    this.end();
    const { outbox } = this.app;
    this.form = form;
    this.resumed = Boolean(kept);
    // By now one may be elsewhere: what was photographed is where it was measured then.
    this.pinned = Boolean(kept?.measured && kept.photos.length);
    this.draft = kept ?? { ...begun(outbox.newUuid(), form, Date.now()), owner: outbox.owner };
    this.locating.start();
  }

  /** Leaves the record; what was entered stays kept, unless it is thrown away. */
  end() {
    this.locating.stop();
    clearTimeout(this.keeping);
    clearTimeout(this.asking);
    for (const url of this.urls.values()) URL.revokeObjectURL(url);
    this.urls.clear();
    Object.assign(this, { draft: null, form: null, fault: null, photoFault: null, tried: false, saving: false, near: [], nearAt: null });
  }

  /** Throws a draft away. */
  async discard(draft) {
    if (this.draft === draft) this.end();
    await this.app.outbox.dropDraft(nameOf(draft));
  }

  change(values) {
    Object.assign(this.draft, values);
    this.#keep();
    this.#lookNear();
    this.app.draw();
  }

  setValue(name, value) {
    this.change({ values: { ...this.draft.values, [name]: value } });
  }

  // ---- photographs --------------------------------------------------------------------------
  /** Prepares pictures and adds them, one after the other: a phone has little memory. */
  async addPhotos(files) {
    const { draft } = this;
    this.busy += files.length;
    this.photoFault = null;
    this.app.draw();
    for (const file of files) {
      await this.#addPhoto(draft, file);
      this.busy -= 1;
      this.app.draw();
    }
  }

  async #addPhoto(draft, file) {
    const { app } = this;
    const { longest, quality } = app.pack.settings.photo;
    try {
      const made = await prepare(file, { longest, quality, watermark: app.watermark ? this.#written() : null });
      if (this.draft !== draft || draft.photos.some(({ sha256 }) => sha256 === made.sha256)) return;
      const role = ROLES[Math.min(draft.photos.length, ROLES.length - 1)];
      this.change({ photos: [...draft.photos, { ...made, role, added_at: Date.now() }] });
      await this.keepNow();
    } catch (error) {
      this.photoFault = error.reason === "full" ? "full" : error.reason === "not-a-picture" ? "notPicture" : "photoFailed";
    }
  }

  removePhoto(sha256) {
    this.change({ photos: this.draft.photos.filter((photo) => photo.sha256 !== sha256) });
  }

  setRole(sha256, role) {
    this.change({ photos: this.draft.photos.map((photo) => (photo.sha256 === sha256 ? { ...photo, role } : photo)) });
  }

  /** An address of the small picture, as long as the record is open. */
  url({ sha256, thumbnail, blob }) {
    if (!this.urls.has(sha256)) this.urls.set(sha256, URL.createObjectURL(thumbnail ?? blob));
    return this.urls.get(sha256);
  }

  #written() {
    const place = this.place;
    const spot = place ? `${place.lon.toFixed(5)}, ${place.lat.toFixed(5)}` : "";
    const { me } = this.app.pack;
    return { time: `${new Date().getFullYear()}-${moment(Date.now()).slice(-11)}`, place: [this.field?.properties.name, spot].filter(Boolean).join(" "), name: me.name };
  }

  // ---- the place ----------------------------------------------------------------------------
  get place() {
    return this.draft && placeOf(this.draft);
  }

  /** The own field around the place, or the one that was chosen. */
  get field() {
    const { features } = this.app.pack.fields;
    if (this.place) return fieldAt(features, this.place);
    return this.draft?.noFix ? (features.find(({ properties }) => properties.code === this.draft.field) ?? null) : null;
  }

  /** How far what was pointed out lies from what was measured, in whole metres; null without both. */
  get moved() {
    const { hand, measured } = this.draft;
    return hand && measured ? Math.round(distance(hand, measured)) : null;
  }

  #located({ measured, fault }) {
    if (!this.draft) return;
    this.fault = fault;
    if (measured && !this.pinned) {
      this.draft.measured = measured;
      this.#lookNear();
    }
    this.app.draw();
  }

  /** Takes the phone's present position for that of a record that was begun before. */
  locateAnew() {
    this.pinned = false;
    this.locating.stop();
    this.locating.start();
    this.change({ measured: null });
  }

  // ---- likely the same ----------------------------------------------------------------------
  #lookNear() {
    const { place, form } = this;
    const kind = form.near?.kind ? this.draft.values[form.near.kind] : null;
    if (!form.near || !place || (form.near.kind && !kind)) {
      this.nearAt = null;
      return this.#foundNear([]);
    }
    const same = this.nearAt && this.nearAt.kind === kind && distance(this.nearAt.place, place) < NEAR_MOVED_M;
    if (same) return;
    this.nearAt = { kind, place };
    clearTimeout(this.asking);
    this.asking = setTimeout(() => this.#askNear(form, place, kind), NEAR_MS);
  }

  async #askNear(form, place, kind) {
    const asked = this.nearAt;
    const found = await likelySame(form, place, { kind, at: this.app.outbox.clock().at, open: this.app.pack.open });
    if (this.nearAt === asked) this.#foundNear(found);
  }

  #foundNear(near) {
    if (near.length === 0 && this.near.length === 0) return;
    this.near = near;
    this.app.draw();
  }

  // ---- keeping ------------------------------------------------------------------------------
  get missing() {
    return missing(this.draft, this.form);
  }

  #keep() {
    clearTimeout(this.keeping);
    this.keeping = setTimeout(() => this.keepNow(), KEEP_MS);
  }

  /** Keeps the draft at once; without room for it the record itself is still under the hand. */
  async keepNow() {
    clearTimeout(this.keeping);
    if (this.draft && !this.saving) await this.app.outbox.keepDraft(nameOf(this.draft), this.draft).catch(() => null);
  }

  /** Puts the record into the outbox: "kept", "incomplete", "full" or "failed". Once it is kept, it is on the disk. */
  async save() {
    this.tried = true;
    if (this.saving || this.busy) return "busy";
    if (!isWhole(this.missing)) return "incomplete";
    this.saving = true;
    clearTimeout(this.keeping);
    try {
      await this.#put();
      this.end();
      return "kept";
    } catch (error) {
      this.saving = false;
      return error.reason === "full" ? "full" : "failed";
    }
  }

  async #put() {
    const { draft, form } = this;
    const { outbox } = this.app;
    const record = { ...finished(draft, form, { at: outbox.clock().at, title: this.#title() }), uuid: draft.uuid };
    const kept = { draft: nameOf(draft) };
    return draft.replaces ? outbox.revise(draft.replaces, record, draft.photos, kept) : outbox.add(record, draft.photos, kept);
  }

  /** What the record is called in lists: its kind, and what it is about. */
  #title() {
    const first = this.form.fields.find(({ name, check }) => !check && this.draft.values[name]);
    if (!first) return this.app.label(this.form.label);
    const value = parsed(first, this.draft.values[first.name]);
    const choice = this.app.choices(first).find((each) => each.value === value);
    return choice ? this.app.label(choice.label) : String(value).slice(0, 60);
  }
}

const nameOf = ({ replaces, layer }) => (replaces ? MENDED : layer);
