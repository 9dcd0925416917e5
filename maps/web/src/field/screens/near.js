// The list of what is perhaps the same.
import { html } from "lit-html";
import { day } from "../saying.js";
import { foreign } from "./frame.js";

export const nearList = (words, near) => html`<ul class="fd-list">
  ${near.map((each) => html`<li class="fd-near-one"><b>${foreign(each.title)}</b><span>${words.nearRow(metres(each), day(each.recorded_at))}</span></li>`)}
</ul>`;

const metres = ({ distance_m }) => (typeof distance_m === "number" ? Math.round(distance_m) : null);
