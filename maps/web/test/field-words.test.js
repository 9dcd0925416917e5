import assert from "node:assert/strict";
import { test } from "node:test";
import { wordsFor } from "../src/field/words.js";

const shape = (words) => Object.entries(words).flatMap(([key, said]) => (typeof said === "object" ? shape(said).map((inner) => `${key}.${inner}`) : [`${key}:${typeof said}${said.length && typeof said === "function" ? said.length : ""}`]));

test("both languages say the same things", () => {
  assert.deepEqual(shape(wordsFor("en")).sort(), shape(wordsFor("zh")).sort());
});

test("Chinese comes first, with full-width punctuation", () => {
  assert.equal(wordsFor(undefined), wordsFor("zh"));
  const texts = JSON.stringify(wordsFor("zh"), (_, said) => (typeof said === "function" ? String(said).replace(/^[^`"]*/, "") : said));
  assert.doesNotMatch(texts, /[一-龥][,;:!?]|[,;!?][一-龥]/);
});
