import assert from "node:assert/strict";
import { test } from "node:test";
import { follow } from "../src/load-course.js";

/** A section as the page has it, as far as it is touched. */
function section() {
  const bar = { value: undefined, removeAttribute: () => (bar.value = undefined) };
  const text = { textContent: "" };
  const button = { disabled: false, addEventListener: (_, press) => (button.press = press) };
  const parts = { progress: bar, "[role=status]": text, button };
  return {
    ...{ bar, text, button, hidden: true, dataset: { address: "/d/1", stopping: "正在停止" } },
    querySelector: (each) => parts[each],
    scrollIntoView: () => {},
  };
}

/** A server that gives these answers in turn, and a clock that goes when it is told to. */
function world(...answers) {
  const asked = [];
  let next;
  const ask = async (address, { method = "GET" } = {}) => {
    asked.push(`${method} ${address}`);
    const found = method === "GET" ? answers.shift() : {};
    if (found === undefined) throw new TypeError("offline");
    return { ok: true, json: async () => found };
  };
  return { asked, ask, wait: (go) => (next = go), tick: () => next() };
}

test("the bar shows the share, and moves where nobody knows it", async () => {
  const page = section();
  const answers = [
    { running: true, share: 0.4, text: "正在检查，40%" },
    { running: true, share: null, text: "正在写入" },
  ];
  const there = world(...answers);
  follow(page, there);
  assert.equal(page.hidden, false);
  await there.tick();
  assert.deepEqual([page.bar.value, page.text.textContent], [0.4, "正在检查，40%"]);
  await there.tick();
  assert.deepEqual([page.bar.value, page.text.textContent], [undefined, "正在写入"]);
  await there.tick(); // offline: what stands there stays, and it is asked again
  assert.equal(page.text.textContent, "正在写入");
  assert.deepEqual(there.asked, Array(3).fill("GET /d/1/progress"));
});

test("stopping is asked for once and is not talked over", async () => {
  const page = section();
  const there = world({ running: true, share: 0.9, text: "正在检查，90%" });
  follow(page, there);
  page.button.press();
  assert.equal(page.button.disabled, true);
  await there.tick();
  assert.equal(page.text.textContent, "正在停止");
  assert.deepEqual(there.asked, ["POST /d/1/cancel", "GET /d/1/progress"]);
});
