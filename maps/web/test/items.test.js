import assert from "node:assert/strict";
import { test } from "node:test";
import { Items } from "../src/items.js";

const CASES = { name: "sites", lasting: ["found_on", "done_on"] };
const FIELDS = { name: "grid_fields" };

test("what a list asks for is what the map shows", () => {
  const items = new Items("/collections/{layer}/items", {}, { sites: "status = 'open' OR due IS NULL" });
  assert.equal(items.conditionOf(FIELDS), undefined);
  assert.equal(items.conditionOf(CASES), "status = 'open' OR due IS NULL");
  items.day = "2017-05-01";
  const waiting = "found_on <= DATE('2017-05-01') AND (done_on IS NULL OR done_on > DATE('2017-05-01'))";
  assert.equal(items.conditionOf(CASES), `(status = 'open' OR due IS NULL) AND (${waiting})`);
  assert.equal(items.conditionOf(FIELDS), undefined);
});
