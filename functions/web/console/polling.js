// Questions that are asked again and again while a view is shown, seldom while nobody looks.

import { wait } from "./api.js";
import { computed, effect, signal } from "./signals.js";

const HIDDEN = 10_000; // milliseconds between questions while the tab is in the background
const FAILED = 5_000;

/** Why what is shown may be old: a sentence, or "". */
export const makeStaleness = () => signal("");

/**
 * Call `ask` until the view is left. It returns the milliseconds until the next time, or null when
 * there is nothing more to ask. What fails is tried again; `stale` says so meanwhile. A thing that
 * is gone (404) ends it with a call of `gone`.
 */
export async function poll(ask, { signal: left, stale = null, gone = null }) {
  while (!left.aborted) {
    let delay;
    try {
      delay = await ask();
      stale?.set("");
    } catch (error) {
      if (left.aborted || error.name === "AbortError") return;
      if (error.status === 404) return gone?.();
      stale?.set(error.message);
      delay = FAILED;
    }
    if (delay === null) return;
    await pause(document.hidden ? Math.max(delay, HIDDEN) : delay, left);
  }
}

/** Wait, or less where the tab comes to the front meanwhile. */
async function pause(milliseconds, left) {
  const shown = new AbortController();
  const look = () => document.hidden || shown.abort();
  document.addEventListener("visibilitychange", look);
  try {
    await wait(milliseconds, AbortSignal.any([left, shown.signal]));
  } catch {
    // Left, or looked at again: the loop knows which.
  } finally {
    document.removeEventListener("visibilitychange", look);
  }
}

/** Keep what a function returns as one value for as long as it says the same. */
export function distinct(read) {
  const text = computed(() => JSON.stringify(read()) ?? "null");
  const value = signal(null);
  effect(() => value.set(JSON.parse(text())));
  return value;
}
