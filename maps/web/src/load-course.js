// How far a load is, asked for while its own request is still waiting for an answer.
const EVERY_MS = 500;

/** Show the section and keep it true until the answer comes and the page goes; `ask` and `wait` are for tests. */
export function follow(section, { ask = fetch, wait = (go) => setTimeout(go, EVERY_MS) } = {}) {
  const [bar, text, button] = ["progress", "[role=status]", "button"].map((each) => section.querySelector(each));
  const { address, stopping } = section.dataset;
  let stopped = false;
  button.addEventListener("click", () => {
    stopped = true;
    button.disabled = true;
    text.textContent = stopping;
    // The load's own request is answered then, with the page as it was.
    ask(`${address}/cancel`, { method: "POST", credentials: "same-origin", redirect: "manual" });
  });
  section.hidden = false;
  section.scrollIntoView({ block: "nearest" });

  const look = async () => {
    try {
      const response = await ask(`${address}/progress`, { credentials: "same-origin", cache: "no-store" });
      if (response.ok) show(await response.json());
    } catch {
      // The next time may do better; the load does not depend on it.
    }
    wait(look);
  };

  function show(found) {
    if (!found.running || stopped) return;
    if (found.share === null) bar.removeAttribute("value"); // moves, and promises nothing
    else bar.value = found.share;
    text.textContent = found.text;
  }

  wait(look);
}
