// How good the images are: measures with limits to try, near copies, classes.

import { get, getAll, listAll, post } from "./api.js";
import { h } from "./dom.js";
import { followJob } from "./following.js";
import { amount, bytes, count, percent, words } from "./format.js";
import { button, checkField, choiceField, form, textField } from "./forms.js";
import { limitChart } from "./limit-chart.js";
import { card, emptyState, linkButton, pageHead, shareBars } from "./layout.js";
import { notify, notifyProblem, openDialog } from "./notices.js";
import { crumbsOf, loadProject } from "./project.js";
import { address, go, link } from "./router.js";
import { effect, signal } from "./signals.js";

// Which rules limit a measure, and what it is called and measured in.
const MEASURES = {
  width: { name: "Width", unit: " px", min: "min_width", max: "max_width", whole: true },
  height: { name: "Height", unit: " px", min: "min_height", max: "max_height", whole: true },
  aspect_ratio: { name: "Aspect ratio (width ÷ height)", min: "min_aspect_ratio", max: "max_aspect_ratio" },
  bytes: { name: "File size", say: bytes, min: "min_bytes", max: "max_bytes", whole: true },
  sharpness: { name: "Sharpness", min: "min_sharpness" },
  brightness: { name: "Brightness", min: "min_brightness", max: "max_brightness" },
  uniformity: { name: "Share of the most common colour", max: "max_uniformity" },
};
// The images that a validation counts.
const judged = (crawl) => ({ status: "completed", duplicate: false, ...(crawl && { crawl_job_id: crawl }) });
const PAUSE = 250; // milliseconds after a limit has moved
const SHOWN = 12; // examples, and groups of copies

export default async function showQuality({ params, signal: left }) {
  const path = `/v1/projects/${params.project}`;
  const crawl = address.peek().query.crawl_job_id;
  const [project, measures, facets] = await Promise.all([
    loadProject(params.project, left),
    get(`${path}/images/measures`, judged(crawl), left),
    get(`${path}/images/facets`, {}, left),
  ]);
  const rules = signal({});
  const seen = signal(facets); // counts of what is known, which a validation changes
  const preview = signal(null);
  const groups = signal(null);
  loadGroups(path, left).then(groups.set, notifyProblem);
  return {
    title: `Quality of ${project.name}`,
    project,
    section: "quality",
    body: () => {
      watchRules(path, crawl, rules, preview, left);
      return [
        pageHead({ title: "Quality", crumbs: crumbsOf(project), about: "Drag the limits: what would fail is counted at once, and nothing is changed before you validate." }),
        measures.total === 0
          ? emptyState({ icon: "chart", title: "Nothing to measure yet", text: "Images are measured as they come.", action: linkButton("Collect images", `/projects/${project.id}/crawls/new`, { kind: "primary" }) })
          : [
              h("div", { class: "quality" }, h("div", { class: "cards" }, charts(measures, rules)), h("aside", { class: "would-fail", "aria-label": "What would fail" }, () => previewCard(project, crawl, preview(), { rules, seen, left }))),
              h("div", { class: "cards spaced" }, classCard(project, facets), () => reasonCard(project, seen())),
              h("h2", { class: "section-title" }, "Copies and near copies"),
              () => groupList(project, groups()),
            ],
      ];
    },
  };
}

function charts(measures, rules) {
  return Object.entries(MEASURES)
    .filter(([key]) => measures[key].count)
    .map(([key, about]) => {
      const measure = measures[key];
      const sides = ["min", "max"].filter((side) => about[side]);
      const onlimit = (side, value) => {
        const { [about[side]]: _, ...others } = rules.peek();
        rules.set(value === null ? others : { ...others, [about[side]]: about.whole ? Math.round(value) : Number(value.toPrecision(4)) });
      };
      return card(about.name, limitChart({ name: about.name, unit: about.unit, say: about.say, ...crop(measure), sides, onlimit }), measure.nulls > 0 && h("p", { class: "hint" }, `${amount(measure.nulls, "image")} without this measure.`));
    });
}

/** Leave out the empty bars at both ends, but for one. */
function crop({ edges, counts }) {
  const first = Math.max(0, counts.findIndex((value) => value > 0) - 1);
  const last = Math.min(counts.length, counts.findLastIndex((value) => value > 0) + 2);
  return { edges: edges.slice(first, last + 1), counts: counts.slice(first, last) };
}

/** Ask what would fail whenever the rules have stood still for a moment. */
function watchRules(path, crawl, rules, preview, left) {
  let timer = null;
  let latest = 0;
  effect(() => {
    const now = rules();
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = (latest += 1);
      try {
        const found = await post(`${path}/validation-previews`, { rules: now, filter: judged(crawl) }, { signal: left });
        if (mine !== latest) return; // the limits have moved on
        const examples = await Promise.all(found.examples.slice(0, SHOWN).map((id) => get(`/v1/images/${id}`, { thumbnails: true }, left)));
        if (mine === latest) preview.set({ ...found, pictures: examples });
      } catch (error) {
        notifyProblem(error);
      }
    }, PAUSE);
  });
}

function previewCard(project, crawl, found, { rules, seen, left }) {
  if (!found) return card("What would fail", h("p", { class: "quiet" }, "Counting …"));
  const broken = Object.entries(found.by_rule).filter(([, images]) => images > 0);
  return card(
    "What would fail",
    h("p", { class: "would-fail-sum", role: "status" }, h("strong", { class: found.invalid ? "error" : null }, count(found.invalid)), ` of ${amount(found.total, "image")} (${percent(found.total ? found.invalid / found.total : 0)})`),
    broken.length > 0 && shareBars(broken.map(([rule, images]) => ({ name: `${words(rule)} ${rules.peek()[rule] ?? ""}`, value: images, tone: "bad" })), { total: found.total }),
    h("ul", { class: "examples" }, found.pictures.map((image) => h("li", {}, h("a", { href: link(`/projects/${project.id}`, { image: image.id }) }, h("img", { src: image.thumbnail_url, alt: image.label ?? image.file_name ?? "image", loading: "lazy" }))))),
    h("div", { class: "form-actions spaced" }, button("Validate with these limits", { kind: "primary", onclick: () => validate(project, crawl, rules.peek(), { seen, left }) })),
  );
}

async function validate(project, chosen, limits, { seen, left }) {
  const crawls = await getAll(`/v1/projects/${project.id}/crawl-jobs`, { status: "completed" });
  const jobs = await openDialog({
    title: "Validate with these limits",
    content: (close) =>
      crawls.length
        ? form({
            fields: [
              h("p", { class: "dialog-text" }, Object.entries(limits).map(([rule, value]) => `${words(rule)} ${value}`).join(", ") || "No limit is set: only the rules below count."),
              choiceField({ label: "Images of", name: "crawl", options: [["", "all crawls"], ...crawls.map((one) => [one.id, one.name])], value: chosen ?? "" }),
              textField({ label: "Name", name: "name", value: "Limits of the quality page", maxlength: 200 }),
              checkField({ label: "Animated images are valid", name: "allow_animated", checked: true }),
              checkField({ label: "Grey images are valid", name: "allow_grayscale", checked: true }),
              checkField({ label: "A licence is required", name: "require_license" }),
            ],
            submit: "Start",
            send: async ({ crawl, name, ...switches }) => {
              const made = [];
              for (const one of crawls.filter(({ id }) => !crawl || id === crawl)) made.push(await post(`/v1/crawl-jobs/${one.id}/validation-jobs`, { name, rules: { ...limits, ...switches } }));
              close(made);
            },
          })
        : h("p", { class: "dialog-text" }, "A validation judges the images of a crawl, and no crawl of this project has ended yet."),
  });
  if (jobs) await tellOutcome(project, jobs, { seen, left });
}

/** Say that validations run, and what they found once they have. */
async function tellOutcome(project, jobs, { seen, left }) {
  const close = notify("The validation runs.", { life: 60_000 });
  const ended = new Map();
  await Promise.all(jobs.map(({ id }) => followJob(`/v1/validation-jobs/${id}`, (job) => ended.set(id, job), left)));
  close();
  if (left.aborted) return;
  const failed = [...ended.values()].find(({ status }) => status === "failed");
  if (failed) return notifyProblem(new Error(failed.error));
  const invalid = [...ended.values()].reduce((sum, job) => sum + job.invalid_images, 0);
  notify(invalid ? `Validated: ${amount(invalid, "image")} failed.` : "Validated: every image passed.", {
    action: invalid ? { label: "See them", run: () => go(`/projects/${project.id}`, { valid: "false" }) } : { label: "Freeze a version", run: () => go(`/projects/${project.id}/versions`) },
  });
  seen.set(await get(`/v1/projects/${project.id}/images/facets`, {}, left));
}

function classCard(project, facets) {
  const rows = facets.label.map((one) => ({ name: one.value ?? "no label", value: one.count, label: one.value }));
  return card("Labels", rows.length ? shareBars(rows.slice(0, 20), { onpick: (row) => go(`/projects/${project.id}`, row.label === null ? { unlabelled: true } : { label: row.label }) }) : h("p", { class: "quiet" }, "No image has a label."));
}

function reasonCard(project, facets) {
  const rows = facets.reason.map((one) => ({ name: words(one.value), value: one.count, tone: "bad", reason: one.value }));
  return card("Why images failed", rows.length ? shareBars(rows.slice(0, 20), { onpick: (row) => go(`/projects/${project.id}`, { reason: row.reason }) }) : h("p", { class: "quiet" }, "None did."));
}

/** Return the first groups: `{original, copies}`, those whose copies came last first. */
async function loadGroups(path, left) {
  const groups = new Map();
  for await (const copy of listAll(`${path}/images`, { duplicate: true, status: "completed", thumbnails: true }, { signal: left })) {
    if (!copy.duplicate_of) continue;
    if (!groups.has(copy.duplicate_of) && groups.size === SHOWN) break;
    groups.set(copy.duplicate_of, [...(groups.get(copy.duplicate_of) ?? []), copy]);
  }
  return Promise.all([...groups].map(async ([id, copies]) => ({ original: await get(`/v1/images/${id}`, { thumbnails: true }, left), copies })));
}

function groupList(project, groups) {
  if (!groups) return h("p", { class: "quiet" }, "Looking …");
  if (!groups.length) return h("p", { class: "quiet" }, "No image of this project is a copy of another.");
  return [
    h(
      "ul",
      { class: "copy-groups" },
      groups.map(({ original, copies }) =>
        h(
          "li",
          { class: "card" },
          h("div", { class: "copy-row" }, picture(original, "kept"), copies.slice(0, 5).map((copy) => picture(copy, copy.sha256 === original.sha256 ? "same bytes" : "looks the same"))),
          copies.length > 5 && h("a", { href: link(`/projects/${project.id}`, { duplicate_of: original.id }) }, `All ${count(copies.length)} and more`),
        ),
      ),
    ),
    h("p", { class: "more" }, h("a", { href: link(`/projects/${project.id}`, { duplicate: true }) }, "See all duplicates")),
  ];
}

function picture(image, text) {
  return h("figure", {}, h("img", { src: image.thumbnail_url, alt: image.label ?? image.file_name ?? "image", loading: "lazy" }), h("figcaption", { class: "small quiet" }, `${text}, ${image.width} × ${image.height}`));
}
