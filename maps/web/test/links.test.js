import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLink } from "../src/links.js";

test("an address names a drawn feature by its row or its id", () => {
  assert.deepEqual(parseLink("#row=12"), { key: "row", text: "12" });
  assert.deepEqual(parseLink("#id=gap-3f9a1c"), { key: "id", text: "gap-3f9a1c" });
  assert.deepEqual(parseLink("#id=%E7%BC%9D"), { key: "id", text: "缝" });
});

test("other addresses name none, and broken ones are taken as they are", () => {
  for (const hash of ["", "#", "#15/36.6/101.8", "#row=", "#class=new", "row=12"]) assert.equal(parseLink(hash), null);
  assert.deepEqual(parseLink("#id=%E7%"), { key: "id", text: "%E7%" });
});
