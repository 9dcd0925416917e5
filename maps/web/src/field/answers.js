// What an answer to something that was sent means. Between the phone and the server are hotel pages, proxies and operators that
// answer for it: a receipt is believed only with the hash of what was sent, a refusal only in the server's own form.

/** Of the server, but not about what was sent: an older version of it, a wrong name in front of it. */
const PASSING = new Set(["no-such-page", "wrong-method", "cross-site", "foreign-host"]);
const PASSING_STATUSES = new Set([408, 421, 425, 429]);
const LONGEST_WAIT_S = 600;

/**
 * `{ kind: "received", receipt }`, `{ kind: "refused", reason }`, `{ kind: "later", reason, wait_s }`,
 * `{ kind: "signed-out", reason }` or `{ kind: "other-person", reason }`.
 * `isReceipt(json)` says whether an answer is the receipt of exactly what was sent.
 */
export async function judged(response, isReceipt) {
  const told = await json(response);
  if (response.ok) {
    if (isReceipt(told)) return { kind: "received", receipt: told };
    return later("no-receipt", response, told);
  }
  const problem = isProblem(response) ? slug(told) : null;
  if (response.status === 401 || problem === "password-due") return { kind: "signed-out", reason: reason("signed-out", response, told) };
  if (problem === "other-account") return { kind: "other-person", reason: reason("other-person", response, told) };
  if (response.status >= 500 || PASSING_STATUSES.has(response.status)) return later("server", response, told);
  if (problem === null || PASSING.has(problem)) return later("server", response, told);
  return { kind: "refused", reason: reason("refused", response, told) };
}

/** No answer at all: no network, cut off, or it took too long. */
export function unanswered(online) {
  return { kind: "later", wait_s: 0, reason: { code: online ? "no-answer" : "offline", words: null, status: null } };
}

function later(code, response, told) {
  const wait_s = Math.min(Number(response.headers.get("retry-after")) || 0, LONGEST_WAIT_S);
  return { kind: "later", wait_s, reason: reason(code, response, told) };
}

function reason(code, response, told) {
  const words = isProblem(response) ? (told?.detail ?? told?.title ?? null) : null;
  const found = { code, words, status: response.status };
  if (isProblem(response)) found.problem = slug(told);
  if (Array.isArray(told?.findings) && told.findings.length) found.findings = told.findings;
  return found;
}

const isProblem = (response) => (response.headers.get("content-type") ?? "").startsWith("application/problem+json");

const slug = (told) => (typeof told?.type === "string" && told.type.startsWith("/problems/") ? told.type.slice("/problems/".length) : null);

/** The JSON of an answer that came whole. One that was cut off has no end, and throws like any broken network. */
async function json(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
