// Jobs that run: their rows are read again until they have ended.

import { get } from "./api.js";
import { poll } from "./polling.js";
import { ENDED } from "./project.js";

const EVERY = 1000; // milliseconds between two looks

/** Read a job until it has ended or the view is left; `onchange(job)` hears each state. */
export async function followJob(path, onchange, left, gone = null) {
  const ask = async () => {
    const job = await get(path, {}, left);
    onchange(job);
    return ENDED.has(job.status) ? null : EVERY;
  };
  await poll(ask, { signal: left, gone });
}

/** Follow a job that is a row of the list in the signal `rows`; it goes from there when deleted. */
export function followRow(rows, path, id, left) {
  const show = (job) => rows.update((all) => all.map((one) => (one.id === id ? job : one)));
  return followJob(`${path}/${id}`, show, left, () => rows.update((all) => all.filter((one) => one.id !== id)));
}

/** Follow all jobs of a list that run. */
export function followRows(rows, path, left) {
  for (const { id, status } of rows.peek()) if (!ENDED.has(status)) followRow(rows, path, id, left);
}
