// "Who answers for this ground?": asks /responsible for the browser's position or for typed coordinates.
// Whatever comes back is written as text, never as markup.
import { parsePlace } from "./place.js";

const form = document.querySelector(".ask");
const { words, field: fieldTold, road: roadTold } = JSON.parse(form.dataset.lookup);
const input = form.querySelector("input");
const answer = document.querySelector(".answer");
const here = form.querySelector("[data-here]");
let latest = 0;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const place = parsePlace(input.value);
  if (place.problem) fail(words[place.problem]);
  else ask(place);
});

if ("geolocation" in navigator) {
  here.hidden = false;
  here.addEventListener("click", locate);
}

function locate() {
  if (!window.isSecureContext) return fail(words.insecure);
  say(words.locating);
  navigator.geolocation.getCurrentPosition(
    ({ coords: { longitude, latitude, accuracy } }) => {
      input.value = `${longitude.toFixed(6)}, ${latitude.toFixed(6)}`;
      ask({ lon: longitude, lat: latitude, accuracy });
    },
    () => fail(words.denied),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
  );
}

async function ask({ lon, lat, accuracy }) {
  const turn = (latest += 1);
  say(words.asking);
  try {
    const address = `/responsible?${new URLSearchParams({ lon, lat })}`;
    const response = await fetch(address, { headers: { accept: "application/json" } });
    const found = await response.json();
    if (turn !== latest) return;
    if (response.ok) show(found, { lon, lat, accuracy });
    else fail(found.detail ?? found.title ?? words.offline);
  } catch {
    if (turn === latest) fail(words.offline);
  }
}

function show(found, { lon, lat, accuracy }) {
  const list = element("div", "answer-list");
  for (const one of found.fields ?? []) list.append(item(one, fieldTold));
  if (found.nearest) list.append(item(found.nearest, fieldTold, words.nearest));
  if (found.road) list.append(item(found.road, roadTold, words.road, "answer-road"));
  const link = element("a", "button", words.show);
  link.href = `/maps/overview#17/${lat.toFixed(5)}/${lon.toFixed(5)}`;
  const parts = [element("p", "answer-said", words[found.status]), list, link];
  if (accuracy) parts.splice(1, 0, element("p", "answer-more", filled(words.accuracy, Math.round(accuracy))));
  answer.replaceChildren(...parts);
}

/** One field or road: its name, where it lies, and the people who answer for it. */
function item(found, { title, people }, kind, look = "") {
  const box = element("section", `answer-item ${look}`);
  const named = String(found[title] ?? found.code ?? found.id);
  box.append(element("h2", "", kind ? `${kind} · ${named}` : named));
  if (found.distance_m !== undefined) {
    box.append(element("p", "answer-more", filled(words.distance, Math.round(found.distance_m))));
  }
  const list = document.createElement("dl");
  people.forEach(([name, label], place) => {
    if (!found[name] && place > 0) return; // only the first duty must have somebody
    list.append(element("dt", "", label), element("dd", found[name] ? "" : "answer-nobody", found[name] || words.nobody));
  });
  box.append(list);
  return box;
}

const filled = (sentence, metres) => sentence.replace("{metres}", metres.toLocaleString());
const say = (text) => answer.replaceChildren(element("p", "answer-more", text));
const fail = (text) => {
  latest += 1; // an answer under way no longer counts
  answer.replaceChildren(element("p", "answer-error", text));
};

function element(tag, look, text) {
  const made = document.createElement(tag);
  if (look) made.className = look.trim();
  if (text !== undefined) made.textContent = text;
  return made;
}
