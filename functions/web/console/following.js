// Jobs that run: their rows are read again until they have ended.

import { get, wait } from "./api.js";
import { ENDED } from "./project.js";

const SEEN = 1000; // milliseconds between two looks while the page is visible
const HIDDEN = 10_000;

/** Read a job again and again; `onchange(job)` hears each state, the last one when it has ended. */
export async function followJob(path, onchange, left) {
  for (;;) {
    const job = await get(path, {}, left);
    onchange(job);
    if (ENDED.has(job.status)) return job;
    await wait(document.hidden ? HIDDEN : SEEN, left);
  }
}

/** Follow all jobs of a list that run; `rows` is the signal of the list. */
export function followRows(rows, pathOf, left, onfail) {
  for (const row of rows.peek().filter((one) => !ENDED.has(one.status))) followRow(rows, row.id, pathOf(row), left, onfail);
}

/** Follow one job that is a row of a list, which shows its state. */
export async function followRow(rows, id, path, left, onfail) {
  try {
    await followJob(path, (job) => rows.update((all) => all.map((one) => (one.id === id ? job : one))), left);
  } catch (error) {
    if (error.status === 404) rows.update((all) => all.filter((one) => one.id !== id)); // deleted elsewhere
    else onfail(error);
  }
}
