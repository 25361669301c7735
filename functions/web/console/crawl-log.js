// What happened in a crawl and when: what people did, how the job went, what its parts say.

import { isLive } from "./crawl-words.js";
import { h } from "./dom.js";
import { amount, count } from "./format.js";
import { card } from "./layout.js";
import { distinct } from "./polling.js";

const SHOWN = 200;
const times = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const ACTIONS = {
  "crawl_job.create": "Requested",
  "crawl_job.cancel": "Cancelled",
  "crawl_job.retry": "Retried",
};

/** The log, newest first. */
export function eventLog(crawl) {
  const events = distinct(() => listEvents(crawl.job(), crawl.chunks.chunks(), crawl.activity()));
  return card(
    "Log",
    h("ol", { class: "event-log", tabindex: "0", "aria-label": "Log, newest first" }, () =>
      (events() ?? []).map(({ time, text, tone }) => h("li", { class: tone }, h("time", { datetime: time, title: days.format(new Date(time)) }, times.format(new Date(time))), h("span", {}, text))),
    ),
  );
}

function listEvents(job, chunks, activity) {
  const events = [
    ...activity.map(({ action, timestamp }) => ({ time: timestamp, text: ACTIONS[action] ?? action })),
    ...listOfJob(job, activity),
    ...chunks.flatMap(listOfChunk),
  ];
  return events.sort((a, b) => b.time.localeCompare(a.time)).slice(0, SHOWN);
}

function listOfJob(job, activity) {
  const events = [];
  if (!activity.length) events.push({ time: job.created_at, text: job.schedule_id ? "Begun by its schedule" : "Requested" });
  if (job.started_at) events.push({ time: job.started_at, text: "Planned; fetching begins" });
  if (job.completed_at && !isLive(job)) {
    const text = { completed: `Done: ${amount(job.downloaded_images, "new image")}`, failed: "Failed", cancelled: "Ended" }[job.status];
    events.push({ time: job.completed_at, text, tone: { completed: "good", failed: "bad" }[job.status] });
  }
  return events;
}

function listOfChunk({ position, kind, status, url_count: addresses, downloaded, failed, attempts, error, started_at: started, completed_at: ended }) {
  const name = `Part ${count(position + 1)}`;
  const events = [];
  if (ended && status === "completed") {
    const brought = kind === "urls" ? `: ${amount(downloaded, "new image")} of ${amount(addresses, "address", "addresses")}${failed ? `, ${count(failed)} failed` : ""}` : " has been read";
    events.push({ time: ended, text: `${name}${brought}` });
  }
  if (ended && status === "failed") events.push({ time: ended, text: `${name} failed: ${error ?? "no reason was given"}`, tone: "bad" });
  if (started && status === "running") events.push({ time: started, text: `${name} begins${attempts > 1 ? ` for the ${count(attempts)}th time` : ""}` });
  return events;
}
