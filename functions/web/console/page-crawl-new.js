// A new crawl: where from, what of it, and a word on what will happen.

import { get, post } from "./api.js";
import { describeSource, SOURCE_KINDS } from "./crawl-words.js";
import { makeOptionFields, readOptions } from "./crawl-options.js";
import { crawlPlan } from "./crawl-plan.js";
import { h } from "./dom.js";
import { makeDropTarget, uploadButtons } from "./drop-target.js";
import { bytes } from "./format.js";
import { form, readForm, textField } from "./forms.js";
import { icon } from "./icons.js";
import { pageHead, progressBar } from "./layout.js";
import { manifestPreview } from "./manifest-preview.js";
import { address, go, setQuery } from "./router.js";
import { effect, signal } from "./signals.js";
import { explainEngines, makeSourceFields } from "./source-fields.js";
import { sourcePreview } from "./source-preview.js";
import { sendFile } from "./transfer.js";

const TABLE = /\.(csv|tsv|tab|txt|jsonl|ndjson|parquet)(\.(gz|zst))?$/i;
const NARROW = matchMedia("(max-width: 1000px)"); // as in crawls.css: the plan stands below the form
const PHASH_DISTANCE = 8; // bits of 64: what a column of hashes is compared with

export default async function showNewCrawl({ params, signal: left }) {
  const project = await get(`/v1/projects/${params.project}`, null, left);
  return { title: "Add images", section: "crawls", project, body: () => body(project, left) };
}

function body(project, left) {
  const wanted = address.peek().query.type;
  const kind = signal(SOURCE_KINDS.some(({ key }) => key === wanted) ? wanted : "keywords");
  const draft = signal({});
  const sent = signal(null); // bytes of the table that have been sent, once it is on its way
  const table = manifestPreview();
  const sources = makeSourceFields();
  const preview = sourcePreview(project, { kind, draft, sources, left });
  const beneath = h("div", { class: "preview-beneath" });
  const element = form({
    class: "crawl-form",
    fields: [
      kindChoice(kind),
      SOURCE_KINDS.map(({ key }) => h("div", { hidden: () => kind() !== key }, key === "file" ? table.element : sources[key].element)),
      beneath,
      textField({ label: "Name", name: "name", optional: true, maxlength: 200, placeholder: "Named after its source" }),
      makeOptionFields(kind),
      () => sent() !== null && table.file.peek() && h("div", { class: "pace" }, progressBar(() => (100 * sent()) / table.file.peek().size, "Sending the table"), h("p", { class: "small quiet" }, () => `${bytes(sent())} of ${bytes(table.file.peek().size)} sent`)),
    ],
    submit: "Start the crawl",
    send: async (data) => {
      const options = readOptions(data, kind.peek());
      const id = kind.peek() === "file" ? await sendTable(project, table, data, options, sent, left) : await startCrawl(project, sources[kind.peek()].read(data), data, options);
      go(`/crawls/${id}`);
    },
  });
  const note = () => draft.set(readForm(element));
  element.addEventListener("input", note);
  element.addEventListener("change", note);
  effect(() => (kind(), queueMicrotask(note)));
  makeDropTarget(project, {
    text: `Drop a table to crawl it, or images to upload them to “${project.name}”`,
    take(found) {
      if (found.length !== 1 || !TABLE.test(found[0].file.name)) return false;
      kind.set("file");
      table.choose(found[0].file);
      return true;
    },
  });
  const plan = crawlPlan(kind, draft);
  const place = () => (NARROW.matches ? beneath : plan).append(preview);
  NARROW.addEventListener("change", place, { signal: left });
  place();
  return [
    pageHead({
      title: "Add images",
      about: "Collect them from the web, or upload your own: drop files or folders anywhere here.",
      actions: [uploadButtons(project)],
      crumbs: [["Projects", "/projects"], [project.name, `/projects/${project.id}`], ["Sources", `/projects/${project.id}/crawls`]],
    }),
    h("div", { class: "crawl-new" }, h("div", { class: "card" }, element), plan),
  ];
}

function kindChoice(kind) {
  return h(
    "fieldset",
    { class: "kind-choice" },
    h("legend", { class: "legend" }, "Where are the images?"),
    SOURCE_KINDS.map(({ key, name, icon: drawing }) =>
      h(
        "label",
        { class: "kind-option" },
        h("input", { type: "radio", class: "visually-hidden", name: "kind", value: key, checked: () => kind() === key, onchange: () => (kind.set(key), setQuery({ type: key }, { replace: true })) }),
        icon(drawing, 20),
        h("span", {}, name),
      ),
    ),
    h("p", { class: "hint" }, () => SOURCE_KINDS.find(({ key }) => key === kind()).about),
  );
}

async function startCrawl(project, source, { name }, options) {
  try {
    const job = await post(`/v1/projects/${project.id}/crawl-jobs`, { name: name ?? nameAfter(source), source, options });
    return job.id;
  } catch (error) {
    throw explainEngines(error, source);
  }
}

async function sendTable(project, table, data, options, sent, left) {
  const file = table.file.peek();
  const problem = table.problem();
  if (problem) throw new Error(problem);
  const columns = table.readColumns(data);
  const warn = (event) => event.preventDefault();
  const target = await post(`/v1/projects/${project.id}/manifests`, {
    name: data.name ?? file.name.slice(0, 200),
    file_name: file.name.slice(-200),
    size: file.size,
    columns,
    options: columns.phash ? { ...options, phash_distance: PHASH_DISTANCE } : options,
  });
  addEventListener("beforeunload", warn);
  sent.set(0);
  try {
    await sendFile(target, file, { signal: left, onprogress: sent.set });
  } finally {
    sent.set(null);
    removeEventListener("beforeunload", warn);
  }
  return target.crawl_job_id;
}

/** A name for a crawl that was given none. */
function nameAfter(source) {
  const text = source.type === "keywords" ? (source.keywords ?? Object.keys(source.categories)).join(", ") : describeSource(source).replace(/^1 page: /, "");
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
