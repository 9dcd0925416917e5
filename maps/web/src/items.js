// Whole records from the items API.

export class Items {
  constructor(template) {
    this.template = template;
  }

  /** The feature of that id. */
  one(layer, id, signal) {
    return this.json(`${this.#url(layer)}/${id}`, signal);
  }

  /** The features that touch a point exactly: the server decides, on unrounded coordinates. */
  at(layer, { lng, lat }, limit, signal) {
    return this.json(`${this.#url(layer)}?bbox=${lng},${lat},${lng},${lat}&limit=${limit}`, signal);
  }

  /** The first features within bounds. */
  within(layer, bounds, limit, signal) {
    const bbox = bounds.toBBoxString();
    return this.json(`${this.#url(layer)}?bbox=${bbox}&limit=${limit}`, signal);
  }

  async json(url, signal) {
    const response = await fetch(url, { signal, credentials: "same-origin", headers: { accept: "application/geo+json, application/json" } });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.json();
  }

  #url(layer) {
    return this.template.replace("{layer}", encodeURIComponent(layer.name));
  }
}
