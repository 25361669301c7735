// How far a crawl is: its stages, its numbers, how fast it goes and how long it will take.

import { countSettled, describeStage, describeTime, isLive } from "./crawl-words.js";
import { h } from "./dom.js";
import { amount, count, decimal, duration } from "./format.js";
import { icon } from "./icons.js";
import { card, progressBar, stat } from "./layout.js";
import { distinct } from "./polling.js";
import { computed, signal } from "./signals.js";

const WINDOW = 30_000; // milliseconds of which the rate is
const LEAST = 3_000;

/** Measure how fast a job settles images, of what was noted in the last half minute. */
export function makePace() {
  const rate = signal(null); // images a second
  let notes = [];
  return {
    rate,
    note(job) {
      if (job.stage !== "fetching") {
        notes = [];
        return rate.set(null);
      }
      const now = { time: performance.now(), settled: countSettled(job) };
      notes = [...notes.filter(({ time }) => now.time - time <= WINDOW), now];
      const [first] = notes;
      rate.set(now.time - first.time < LEAST ? null : (1000 * (now.settled - first.settled)) / (now.time - first.time));
    },
  };
}

/** The stages of a job as steps, each done, at work or to come. */
export function stages(job) {
  const steps = distinct(() => listSteps(job()));
  return h("ol", { class: "steps", "aria-label": "Stages" }, () => steps().map(step));
}

function step({ name, state }) {
  const said = { done: "done", now: "now", failed: "stopped here", next: "to come" }[state];
  return h(
    "li",
    { class: ["step", state], "aria-current": state === "now" ? "step" : null },
    h("span", { class: "step-dot", "aria-hidden": "true" }, state === "done" ? icon("check", 14) : state === "failed" ? icon("close", 14) : null),
    h("span", {}, name, h("span", { class: "visually-hidden" }, ` (${said})`)),
  );
}

function listSteps({ status, stage, options, total_chunks: chunks }) {
  const names = [["plan", "Plan"], ["fetching", "Fetch"]];
  if (options.validate) names.push(["validating", "Validate"]);
  if (options.analyze?.length) names.push(["analyzing", "Analyse"]);
  const at = status === "pending" || (status === "running" && !chunks) ? 0 : Math.max(1, names.findIndex(([key]) => key === stage));
  const steps = names.map(([, name], place) => ({ name, state: status === "completed" || place < at ? "done" : place > at ? "next" : "now" }));
  if (["failed", "cancelled"].includes(status)) {
    const reached = chunks ? 1 : 0;
    return [...steps.map(({ name }, place) => ({ name, state: place < reached ? "done" : place === reached ? "failed" : "next" })), { name: status === "failed" ? "Failed" : "Cancelled", state: "failed" }];
  }
  return [...steps, { name: "Done", state: status === "completed" ? "done" : "next" }];
}

/** The bar, and below it how fast it goes, in a line whose height never changes. */
export function paceLine(job, pace) {
  return h(
    "div",
    { class: "pace" },
    progressBar(() => job().progress, "Progress of the crawl"),
    h("p", { class: "pace-line" }, h("strong", {}, () => `${job().progress} %`), h("span", { class: "quiet" }, () => describePace(job(), pace.rate()))),
  );
}

function describePace(job, rate) {
  if (!isLive(job)) return `${describeStage(job)} ${describeTime(job)}`;
  if (rate === null) return `${describeStage(job)} …`;
  if (rate === 0) return `${describeStage(job)}: nothing new in the last half minute; hosts may ask for time`;
  const left = (job.total_images - countSettled(job)) / rate;
  return `${decimal(rate)} images a second · about ${duration(left)} left`;
}

/** The numbers of a job. Their places stay, whatever they are. */
export function counters(job) {
  const number = (name, hint, read, tone = null) =>
    h("div", { class: () => ["stat", read(job()) > 0 && tone], title: hint }, h("dt", {}, name), h("dd", {}, () => count(read(job()))));
  return h(
    "dl",
    { class: "stats" },
    number("Addresses", "Addresses of images that are known so far", (now) => now.total_images),
    number("New images", "Pictures that the project did not have", (now) => now.downloaded_images, "good"),
    number("Duplicates", "The project had them already, or one that looks the same", (now) => now.duplicate_images),
    number("Failed", "Addresses that brought no image", (now) => now.failed_images, "bad"),
    job.peek().options.validate && number("Invalid", "Images that break a rule of the validation", (now) => now.invalid_images, "warn"),
    stat("Parts", [() => count(job().completed_chunks + job().failed_chunks), h("small", {}, () => ` of ${count(job().total_chunks)}`)], { hint: "The crawl is worked on in parts" }),
  );
}

const WORK = [["variants", "Other sizes"], ["validation", "Validation"], ["analyses", "Analyses"]];

/** What is done beside fetching, where it was asked for. */
export function otherWork(job) {
  const wanted = distinct(() => WORK.filter(([key]) => job().work[key].total > 0 && (key !== "variants" || hasVariants(job()))));
  return () =>
    wanted()?.length > 0 &&
    card(
      "Work on the images",
      h("ul", { class: "work" }, wanted().map(([key, name]) => {
        const now = computed(() => job().work[key]);
        return h("li", {}, h("span", {}, name), progressBar(() => (100 * (now().done + now().failed)) / (now().total || 1), name), h("span", { class: "quiet small" }, () => describeWork(now())));
      })),
    );
}

const hasVariants = ({ options }) => options.variants.some((variant) => variant !== "thumbnail");

function describeWork({ total, done, failed }) {
  return `${count(done)} of ${amount(total, "image")}${failed ? `, ${count(failed)} failed` : ""}`;
}
