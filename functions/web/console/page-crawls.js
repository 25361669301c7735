// The sources of a project: its crawls, what repeats, and uploads.

import { get, getAll, remove } from "./api.js";
import { describeInterval, describeSource, describeStage, describeTime, isLive, SOURCE_KINDS, sourceIcon } from "./crawl-words.js";
import { h } from "./dom.js";
import { makeDropTarget, uploadButtons } from "./drop-target.js";
import { age, amount, count, moment } from "./format.js";
import { button } from "./forms.js";
import { icon } from "./icons.js";
import { badge, card, linkButton, pageHead, progressBar } from "./layout.js";
import { confirmAction, notify, notifyProblem } from "./notices.js";
import { distinct, makeStaleness, poll } from "./polling.js";
import { link } from "./router.js";
import { signal } from "./signals.js";

const PAGE = 100;
const BUSY = 2_000; // milliseconds between questions while a crawl is at work
const QUIET = 15_000;

export default async function showCrawls({ params, signal: left }) {
  const path = `/v1/projects/${params.project}`;
  const shown = { jobs: signal([]), schedules: signal([]), more: signal(null), stale: makeStaleness() };
  const load = async () => {
    const [page, schedules] = await Promise.all([
      get(`${path}/crawl-jobs`, { limit: PAGE }, left),
      getAll(`${path}/schedules`, {}, { signal: left }),
    ]);
    const newest = new Set(page.items.map((job) => job.id));
    const older = shown.jobs.peek().slice(PAGE).filter((job) => !newest.has(job.id));
    shown.jobs.set([...page.items, ...older]);
    if (!older.length) shown.more.set(page.next_cursor);
    shown.schedules.set(schedules);
    return page.items.some(isLive) ? BUSY : QUIET;
  };
  const [project] = await Promise.all([get(path, null, left), load()]);
  poll(load, { signal: left, stale: shown.stale });
  return { title: `Sources of ${project.name}`, section: "crawls", project, body: () => body(project, shown, load, left) };
}

function body(project, shown, load, left) {
  const ids = distinct(() => shown.jobs().map((job) => job.id));
  makeDropTarget(project);
  return [
    pageHead({
      title: "Sources",
      crumbs: [["Projects", "/projects"], [project.name, `/projects/${project.id}`]],
      about: "What was collected from the web. Uploaded images stand among the images at once.",
      actions: [uploadButtons(project), linkButton("Collect from the web", `/projects/${project.id}/crawls/new`, { kind: "primary", icon: "globe" })],
    }),
    () => shown.stale() && h("p", { class: "stale", role: "status" }, icon("alert", 16), `Not up to date: ${shown.stale()}`),
    () => (ids().length ? jobTable(ids(), shown, project, left) : startingPoints(project)),
    () => shown.schedules().length > 0 && scheduleList(shown.schedules(), load),
  ];
}

function startingPoints(project) {
  return h(
    "section",
    { class: "card starting" },
    h("h2", {}, "Where are your images?"),
    h("p", { class: "quiet" }, "Drop files or folders anywhere on this page, or let Pixmill collect images:"),
    h(
      "ul",
      { class: "kind-cards" },
      SOURCE_KINDS.map((kind) =>
        h("li", {}, h("a", { class: "kind-card", href: link(`/projects/${project.id}/crawls/new`, { type: kind.key }) }, icon(kind.icon, 22), h("strong", {}, kind.name), h("span", {}, kind.about))),
      ),
    ),
  );
}

function jobTable(ids, shown, project, left) {
  // A row lives as long as its job: only its numbers change.
  const read = (id) => shown.jobs().find((job) => job.id === id) ?? {};
  return h(
    "div",
    { class: "table-box", tabindex: "0", role: "region", "aria-label": "Crawls" },
    h(
      "table",
      { class: "crawl-table" },
      h("caption", { class: "visually-hidden" }, "Crawls, newest first"),
      h("thead", {}, h("tr", {}, ["Crawl", "State", "Progress", "Images", "Failed", "Begun"].map((name, at) => h("th", { scope: "col", class: [3, 4].includes(at) && "number" }, name)))),
      h("tbody", {}, ids.map((id) => jobRow(read.bind(null, id), shown.jobs.peek().find((job) => job.id === id)))),
    ),
    () => shown.more() && h("div", { class: "table-more" }, button("Show older ones", { kind: "quiet", onclick: () => showOlder(project, shown, left) })),
  );
}

function jobRow(read, job) {
  return h(
    "tr",
    { class: "linked" },
    h(
      "td",
      { class: "crawl-name" },
      h("a", { class: "row-link", href: link(`/crawls/${job.id}`) }, job.name),
      h("span", { class: "crawl-source" }, icon(sourceIcon(job.source), 14), h("span", {}, describeSource(job.source))),
    ),
    h("td", {}, () => badge(read().status)),
    h("td", { class: "crawl-progress" }, progressBar(() => read().progress, `Progress of ${job.name}`), h("span", { class: "quiet small" }, () => (isLive(read()) ? describeStage(read()) : describeTime(read())))),
    h("td", { class: "number" }, () => count(read().downloaded_images)),
    h("td", { class: "number" }, () => count(read().failed_images)),
    h("td", { class: "nowrap", title: moment(job.created_at) }, () => age(read().created_at)),
  );
}

async function showOlder(project, shown, left) {
  try {
    const page = await get(`/v1/projects/${project.id}/crawl-jobs`, { limit: PAGE, cursor: shown.more.peek() }, left);
    shown.jobs.update((jobs) => [...jobs, ...page.items]);
    shown.more.set(page.next_cursor);
  } catch (error) {
    notifyProblem(error);
  }
}

function scheduleList(schedules, load) {
  return card(
    "Repeated crawls",
    h(
      "ul",
      { class: "schedules" },
      schedules.map((schedule) =>
        h(
          "li",
          {},
          icon("retry", 20),
          h(
            "div",
            { class: "schedule-text" },
            h("strong", {}, schedule.name),
            h("p", { class: "quiet small" }, `${capitalise(describeInterval(schedule.options.every))}, next ${age(schedule.next_run_at)} · ${describeSource(schedule.source)}`),
            schedule.error && h("p", { class: "error small" }, `${amount(schedule.missed_runs, "run")} missed: ${schedule.error}`),
          ),
          schedule.last_crawl_job_id && linkButton("Latest run", `/crawls/${schedule.last_crawl_job_id}`, { kind: "quiet" }),
          button("Stop", { "aria-label": `Stop repeating ${schedule.name}`, onclick: () => stopSchedule(schedule, load) }),
        ),
      ),
    ),
  );
}

async function stopSchedule(schedule, load) {
  const sure = await confirmAction({
    title: `Stop repeating “${schedule.name}”?`,
    text: "It runs no more. The crawls that it made stay, with their images.",
    action: "Stop repeating",
  });
  if (!sure) return;
  try {
    await remove(`/v1/schedules/${schedule.id}`);
    notify("It repeats no more.");
    await load();
  } catch (error) {
    notifyProblem(error);
  }
}

const capitalise = (text) => text[0].toUpperCase() + text.slice(1);
