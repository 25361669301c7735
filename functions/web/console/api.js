// Calls of the API: answers as objects, failures as problems with a sentence for a person.

const MAX_TRIES = 4;
const LONGEST_WAIT = 30; // seconds that a call waits at the server's word

/** A call that failed: `status` (0: the server was not reached), `detail`, and `fields` by pointer. */
export class Problem extends Error {
  constructor(status, body = {}, retryAfter = null) {
    super(body.detail || body.title || describe(status));
    this.name = "Problem";
    this.status = status;
    this.id = body.instance ?? null;
    this.retryAfter = retryAfter;
    this.fields = new Map((body.errors ?? []).map(({ pointer, detail }) => [pointer, detail]));
  }

  /** The sentence, with what is wrong about each field. */
  get sentence() {
    const fields = [...this.fields].map(([pointer, detail]) => `${pointer.slice(1) || "The request"} ${detail}`);
    return fields.length ? `${this.message.replace(/\.?$/, ":")} ${fields.join("; ")}.` : this.message;
  }
}

const listeners = { sessionEnded: null, busy: null };

/** Say what happens when a session has ended (a promise of a new one), or the server is busy. */
export function onTrouble(handlers) {
  Object.assign(listeners, handlers);
}

/**
 * Send a call and return its answer's body, or null where there is none. A POST that `onlyReads` may
 * do its work twice, and when it is tried again nobody is told.
 */
export async function call(method, path, { query, body, signal, headers = {}, anonymous = false, onlyReads = false } = {}) {
  const response = await send(method, path, { query, body, signal, headers, anonymous, onlyReads });
  return response.status === 204 ? null : response.json();
}

export const get = (path, query, signal) => call("GET", path, { query, signal });
export const post = (path, body, options = {}) => call("POST", path, { body, ...options });
export const patch = (path, body, options = {}) => call("PATCH", path, { body, ...options });
export const remove = (path, options = {}) => call("DELETE", path, options);

/** Ask before it is known who asks: the answer, or null where there is none, for whatever reason. */
export async function getEarly(path, query) {
  try {
    const response = await fetch(makeAddress(path, query), makeRequest("GET", {}));
    return response.ok ? await response.json() : null;
  } catch {
    return null; // asked again when the view is made, which then hears why
  }
}

/** Go through all items of a list, page by page. */
export async function* listAll(path, query = {}, { signal, limit = 200 } = {}) {
  let cursor = null;
  do {
    const page = await get(path, { ...query, limit, cursor }, signal);
    yield* page.items;
    cursor = page.next_cursor;
  } while (cursor);
}

/** Return all items of a list that is short by nature. */
export async function getAll(path, query, options) {
  const items = [];
  for await (const item of listAll(path, query, options)) items.push(item);
  return items;
}

async function send(method, path, options) {
  const request = makeRequest(method, options);
  const target = makeAddress(path, options.query);
  let renewed = false;
  for (let attempt = 1; ; attempt += 1) {
    let problem;
    try {
      const response = await fetch(target, { ...request, signal: options.signal });
      if (response.ok) return response;
      problem = await readProblem(response);
    } catch (error) {
      if (options.signal?.aborted || error.name === "AbortError") throw error;
      problem = new Problem(0);
    }
    if (problem.status === 401 && !options.anonymous && !renewed) {
      renewed = true;
      await renewSession();
    } else if (canRepeat(problem, method, options) && attempt < MAX_TRIES) {
      const seconds = Math.min(problem.retryAfter ?? 2 ** (attempt - 1), LONGEST_WAIT);
      if (!options.onlyReads) listeners.busy?.(problem, seconds);
      await wait(seconds * 1000, options.signal);
    } else {
      throw problem;
    }
  }
}

function makeRequest(method, { body, headers, anonymous, onlyReads }) {
  const request = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin" };
  if (method !== "GET") {
    request.headers["X-CSRF-Protection"] = "1";
    // Tried again after a lost answer, a POST does its work once.
    if (method === "POST" && !anonymous && !onlyReads) request.headers["Idempotency-Key"] = crypto.randomUUID();
  }
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  return request;
}

/** Return an address with its query; what is null, undefined or empty is left out. */
export function makeAddress(path, query = {}) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, value);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

/** Wait; rejects when the signal aborts. */
export function wait(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

async function readProblem(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body, seconds > 0 ? seconds : null);
}

function canRepeat(problem, method, { anonymous }) {
  if (![0, 429, 502, 503, 504].includes(problem.status)) return false;
  if (problem.status === 429 && (problem.retryAfter ?? 0) > LONGEST_WAIT) return false;
  return !anonymous || method === "GET";
}

function describe(status) {
  if (status === 0) return "The server cannot be reached. Check your connection; what you see is kept.";
  if (status >= 500) return `The server failed (${status}). Try again in a moment.`;
  return `The server refused this (${status}).`;
}

/** Make a session that lasts, in one tab for all: a refresh token works once. */
export async function renewSession() {
  const renewed = await navigator.locks.request("pixmill-session", async () => {
    // Another tab may have done it while this one waited.
    if ((await fetch("/v1/me", { credentials: "same-origin" })).ok) return true;
    const response = await fetch("/v1/web-sessions/refresh", {
      method: "POST",
      headers: { "X-CSRF-Protection": "1" },
      credentials: "same-origin",
    });
    return response.ok;
  });
  if (renewed) return;
  if (!listeners.sessionEnded) throw new Problem(401, { detail: "Your session has ended. Sign in again." });
  await listeners.sessionEnded();
}
