// Whole records from the items API.
import { request, SignedOut } from "./requests.js";

export class Items {
  /** `asked` is what each address takes over: of which day (`on`) and of which ground (`place`);
   *  `filters` are the conditions (CQL2 text) of layers that the map is narrowed down to. */
  constructor(template, asked = {}, filters = {}) {
    this.template = template;
    this.asked = asked;
    this.filters = filters;
    this.day = null; // the day (ISO) whose waiting cases are asked for, where only those are
    this.shut = null; // how the last request was refused, when it was for who asks
  }

  /** The feature of that id. */
  one(layer, id, signal) {
    const { on } = this.asked;
    return this.json(`${this.#url(layer)}/${id}${on ? `?on=${on}` : ""}`, signal);
  }

  /** The features that touch a point exactly: the server decides, on unrounded coordinates. */
  at(layer, { lng, lat }, limit, signal) {
    return this.#found(layer, `${lng},${lat},${lng},${lat}`, limit, signal);
  }

  /** The first features within bounds. */
  within(layer, bounds, limit, signal) {
    return this.#found(layer, bounds.toBBoxString(), limit, signal);
  }

  /** What the map shows of a layer: of cases those that waited on its day, of all what fulfils its filter. */
  conditionOf({ name, lasting }) {
    const conditions = this.filters[name] ? [this.filters[name]] : [];
    if (this.day && lasting) {
      const [opened, closed] = lasting;
      const day = `DATE('${this.day}')`;
      conditions.push(`${opened} <= ${day} AND (${closed} IS NULL OR ${closed} > ${day})`);
    }
    return conditions.length > 1 ? conditions.map((each) => `(${each})`).join(" AND ") : conditions[0];
  }

  #found(layer, bbox, limit, signal) {
    const filter = this.conditionOf(layer);
    const asked = { ...this.asked, ...(filter ? { filter } : {}) };
    const rest = Object.entries(asked).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`);
    return this.json(`${this.#url(layer)}?bbox=${bbox}&limit=${limit}${rest.join("")}`, signal);
  }

  async json(url, signal) {
    const response = await this.#answer(url, signal);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.json();
  }

  async #answer(url, signal) {
    try {
      const response = await request(url, { signal, accept: "application/geo+json, application/json" });
      this.shut = null;
      return response;
    } catch (error) {
      if (error instanceof SignedOut) this.shut = error;
      throw error;
    }
  }

  #url(layer) {
    return this.template.replace("{layer}", encodeURIComponent(layer.name));
  }
}
