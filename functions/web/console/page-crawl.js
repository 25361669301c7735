// One crawl while it runs, and after.

import { get, post, remove } from "./api.js";
import { makeChunkGrid } from "./chunk-grid.js";
import { readChunks } from "./chunks.js";
import { failureList, hostList, searchList } from "./crawl-failures.js";
import { arrivals } from "./crawl-images.js";
import { eventLog } from "./crawl-log.js";
import { counters, makePace, otherWork, paceLine, stages } from "./crawl-progress.js";
import { describeInterval, describeSource, isLive, sourceIcon } from "./crawl-words.js";
import { h } from "./dom.js";
import { age, amount, moment } from "./format.js";
import { button } from "./forms.js";
import { icon } from "./icons.js";
import { badge, card, emptyState, linkButton, pageHead } from "./layout.js";
import { confirmAction, notify, notifyProblem } from "./notices.js";
import { distinct, makeStaleness, poll } from "./polling.js";
import { go } from "./router.js";
import { computed, signal } from "./signals.js";

const SECOND = 1000;

export default async function showCrawl({ params, signal: left }) {
  const path = `/v1/crawl-jobs/${params.crawl}`;
  const job = signal(await get(path, null, left));
  const project = await get(`/v1/projects/${job.peek().project_id}`, null, left);
  const crawl = {
    path, job, project, left,
    pace: makePace(), report: signal(null), chunks: readChunks(path, left), activity: signal([]),
    gone: signal(false), stale: makeStaleness(), acting: signal(false),
  };
  watch(crawl);
  return { title: job.peek().name, section: "crawls", project, body: () => body(crawl) };
}

/** Keep all that is shown of a crawl up to date, for as long as it is at work. */
function watch(crawl) {
  const { path, job, left, stale } = crawl;
  const gone = () => crawl.gone.set(true);
  const start = () => {
    crawl.chunks.forget();
    poll(async () => {
      const next = await get(path, null, left);
      crawl.pace.note(next);
      job.set(next);
      return isLive(next) ? SECOND : null;
    }, { signal: left, stale, gone });
    poll(async () => {
      const running = isLive(job.peek());
      await crawl.chunks.refresh(job.peek());
      return running ? crawl.chunks.interval() : null;
    }, { signal: left, gone });
    poll(async () => {
      const running = isLive(job.peek());
      crawl.report.set(await get(`${path}/report`, null, left));
      return running ? 4 * SECOND : null;
    }, { signal: left, gone });
    poll(async () => {
      const { items } = await get("/v1/activity", { resource_type: "crawl_job", limit: 200 }, left);
      crawl.activity.set(items.filter((one) => one.resource_id === job.peek().id));
      return isLive(job.peek()) ? 10 * SECOND : null;
    }, { signal: left });
  };
  // Begins anew when the job does: after a retry.
  crawl.restart = start;
  start();
  // An ended job is looked at now and then, to notice that another tab has deleted or retried it.
  poll(async () => {
    if (isLive(job.peek())) return 10 * SECOND;
    const next = await get(path, null, left);
    const revived = isLive(next);
    job.set(next);
    if (revived) start();
    return 10 * SECOND;
  }, { signal: left, stale, gone });
}

function body(crawl) {
  return [() => (crawl.gone() ? deleted(crawl) : shown(crawl))];
}

function deleted({ project }) {
  return [
    pageHead({ title: "This crawl is gone", crumbs: crumbs(project) }),
    emptyState({ icon: "trash", title: "It was deleted", text: "Somebody deleted this crawl while you looked at it, in another tab perhaps. Its images went with it.", action: linkButton("To the sources", `/projects/${project.id}/crawls`, { kind: "primary" }) }),
  ];
}

const crumbs = (project) => [["Projects", "/projects"], [project.name, `/projects/${project.id}`], ["Sources", `/projects/${project.id}/crawls`]];

function shown(crawl) {
  const { job, project } = crawl;
  const first = job.peek();
  const status = computed(() => job().status);
  return [
    pageHead({
      title: first.name,
      crumbs: crumbs(project),
      actions: [() => actions(crawl, status())],
      about: h(
        "p",
        { class: "crawl-about" },
        () => badge(status()),
        h("span", { class: "crawl-source" }, icon(sourceIcon(first.source), 15), h("span", {}, describeSource(first.source))),
        first.options.every && h("span", {}, icon("retry", 15), describeInterval(first.options.every)),
        h("span", { title: moment(first.created_at) }, () => `started ${age(job().created_at)}`),
      ),
    }),
    () => crawl.stale() && h("p", { class: "stale", role: "status" }, icon("alert", 16), `Not up to date: ${crawl.stale()}`),
    h(
      "div",
      { class: "stack" },
      h("section", { class: "card", "aria-label": "Progress" }, stages(job), paceLine(job, crawl.pace), outcome(job)),
      counters(job),
      otherWork(job),
      arrivals(crawl),
      h(
        "div",
        { class: "crawl-columns" },
        h("div", { class: "stack" }, makeChunkGrid(crawl.chunks, job), failureList(crawl)),
        h("div", { class: "stack" }, hostList(crawl), searchList(crawl), eventLog(crawl)),
      ),
      settings(first),
    ),
  ];
}

/** What a job says at its end: why it failed, or what it lacks. */
function outcome(job) {
  const said = distinct(() => [job().error, job().status]);
  return () => {
    const [error, status] = said() ?? [];
    return error && h("p", { class: status === "failed" ? "form-error" : "crawl-note", role: status === "failed" ? "alert" : null }, icon("alert"), h("span", {}, error));
  };
}

function actions(crawl, status) {
  const { job, project } = crawl;
  const { id } = job.peek();
  const busy = () => String(crawl.acting());
  const see = linkButton("See the images", `/projects/${project.id}`, { kind: "primary", icon: "image", query: { crawl_job_id: id } });
  if (isLive({ status })) return [button("Cancel", { icon: "stop", "aria-busy": busy, disabled: crawl.acting, onclick: () => cancel(crawl) }), see];
  return [
    button("Delete", { kind: "quiet-danger", icon: "trash", onclick: () => drop(crawl) }),
    () => (job().failed_images > 0 || status !== "completed") && button("Retry", { icon: "retry", "aria-busy": busy, disabled: crawl.acting, onclick: () => act(crawl, "retry", "It goes on with what failed.") }),
    linkButton("Validate", `/projects/${project.id}/quality`, { icon: "check", query: { crawl_job_id: id } }),
    linkButton("Export", `/projects/${project.id}/exports`, { icon: "download", query: { crawl_job_id: id } }),
    see,
  ];
}

async function act(crawl, action, said) {
  if (crawl.acting.peek()) return;
  crawl.acting.set(true);
  try {
    crawl.job.set(await post(`${crawl.path}/${action}`));
    notify(said);
    crawl.restart();
  } catch (error) {
    if (error.status === 404) crawl.gone.set(true);
    else notifyProblem(error);
  } finally {
    crawl.acting.set(false);
  }
}

async function cancel(crawl) {
  const sure = await confirmAction({
    title: "Cancel this crawl?",
    text: "It ends at once. The images that it has brought stay, and “Retry” goes on where it stood.",
    action: "Cancel the crawl",
  });
  if (sure) await act(crawl, "cancel", "The crawl is cancelled.");
}

async function drop(crawl) {
  const { job, project } = crawl;
  const sure = await confirmAction({
    title: `Delete “${job.peek().name}”?`,
    text: `Its ${amount(job.peek().downloaded_images, "image")} go with it, but for those that other crawls hold too. This cannot be undone.`,
    action: "Delete the crawl",
  });
  if (!sure) return;
  try {
    await remove(crawl.path);
    notify("The crawl is deleted.");
    go(`/projects/${project.id}/crawls`);
  } catch (error) {
    if (error.status === 404) crawl.gone.set(true);
    else notifyProblem(error);
  }
}

function settings({ source, options }) {
  const text = JSON.stringify({ source, options }, null, 2);
  return h("details", { class: "card disclosure" }, h("summary", {}, "Settings of this crawl"), h("pre", { tabindex: "0", "aria-label": "Source and options as JSON" }, text));
}
