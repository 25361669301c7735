// The exports of a project: built, downloaded, and the line of code that loads each.

import { get, listAll, remove } from "./api.js";
import { h } from "./dom.js";
import { exportDataset, nameLayout } from "./export-dialog.js";
import { followRows } from "./following.js";
import { age, amount, bytes, count, moment } from "./format.js";
import { button } from "./forms.js";
import { badge, emptyState, pageHead, progressBar } from "./layout.js";
import { confirmAction, notify, notifyProblem } from "./notices.js";
import { crumbsOf, loadProject } from "./project.js";
import { address, setQuery } from "./router.js";
import { signal } from "./signals.js";

export default async function showExports({ params, signal: left }) {
  const project = await loadProject(params.project, left);
  const found = [];
  for await (const job of listAll("/v1/export-jobs", {}, { signal: left })) if (job.project_id === project.id) found.push(job);
  const jobs = signal(found);
  followRows(jobs, "/v1/export-jobs", left);
  const create = () => exportDataset({ project });
  const { crawl_job_id: crawl } = address.peek().query;
  if (crawl) {
    setQuery({ crawl_job_id: null }, { replace: true }); // so that coming back asks no second time
    exportDataset({ project, crawl: await get(`/v1/crawl-jobs/${crawl}`, {}, left) });
  }
  return {
    title: `Exports of ${project.name}`,
    project,
    section: "exports",
    body: () => [
      pageHead({ title: "Exports", crumbs: crumbsOf(project), actions: [button("Export the project", { kind: "primary", icon: "download", onclick: create })] }),
      () =>
        jobs().length
          ? h("ul", { class: "stack" }, jobs().map((job) => exportCard(job, jobs)))
          : emptyState({ icon: "download", title: "Nothing exported yet", text: "An export is a file that training code reads: folders, parquet, tar or COCO. Of a version it is the same file every time.", action: button("Export the project", { kind: "primary", icon: "download", onclick: create }) }),
    ],
  };
}

function exportCard(job, jobs) {
  const { layout, resize, splits } = job.export_options;
  const facts = [job.format, nameLayout(layout), resize && `${resize.width} × ${resize.height}`, splits && Object.keys(splits).join(" + ")].filter(Boolean);
  return h(
    "li",
    { class: "card export" },
    h("div", { class: "section-head" }, h("h2", {}, job.name), badge(job.status)),
    h("p", { class: "quiet" }, facts.join(" · "), " · ", h("span", { title: moment(job.created_at) }, age(job.created_at))),
    job.status === "running" || job.status === "pending"
      ? h("div", { class: "stack" }, progressBar(job.progress, `Exporting ${job.name}`), h("p", { class: "small quiet" }, `${count(job.exported_images)} of ${count(job.total_images)}`))
      : outcome(job),
    h(
      "div",
      { class: "form-actions spaced" },
      job.status === "completed" && (isKept(job) ? button(`Download (${bytes(job.file_size)})`, { kind: "primary", icon: "download", onclick: () => download(job) }) : h("p", { class: "quiet" }, "The file is no longer kept. Export again.")),
      button("Delete", { kind: "quiet-danger", icon: "trash", "aria-label": `Delete ${job.name}`, onclick: () => deleteExport(job, jobs) }),
    ),
  );
}

const isKept = (job) => !job.expires_at || Date.parse(job.expires_at) > Date.now();

/** Download the file: its address is signed now, since one of an hour ago leads nowhere. */
async function download({ id }) {
  try {
    const { download_url: url } = await get(`/v1/export-jobs/${id}`);
    if (!url) return notify("The file is no longer kept. Export again.", { kind: "failed" });
    h("a", { href: url, rel: "noreferrer" }).click();
  } catch (error) {
    notifyProblem(error);
  }
}

function outcome(job) {
  const code = loadingCode(job);
  return [
    job.error && h("p", { class: "banner bad" }, job.error),
    job.warnings.map((warning) => h("p", { class: "banner warn" }, warning)),
    job.failed_images > 0 && h("details", {}, h("summary", {}, `${amount(job.failed_images, "image")} could not be exported`), h("ul", {}, job.failures.map((one) => h("li", { class: "small" }, `${one.url ?? one.image_id}: ${one.detail}`)))),
    job.status === "completed" && h("p", {}, `${amount(job.exported_images, "image")}${job.expires_at ? `, kept until ${moment(job.expires_at)}` : ""}`),
    job.status === "completed" && h("div", { class: "code-line" }, h("p", { class: "small quiet" }, ["zip", "tar"].includes(job.format) ? "Unpack it into a folder named data, then load it:" : "Load it:"), h("pre", { tabindex: "0", "aria-label": "Code that loads it" }, code), button("Copy", { icon: "copy", kind: "small", onclick: () => navigator.clipboard.writeText(code).then(() => notify("Copied."), notifyProblem) })),
  ];
}

/** The Python that loads an export, once an archive is unpacked into a folder `data`. */
function loadingCode(job) {
  const call = loadingCall(job);
  return `import ${call.startsWith("pycocotools") ? "pycocotools.coco" : call.split(".")[0]}\n\n${call}`;
}

function loadingCall({ format, export_options: { layout = "imagefolder", splits } }) {
  const split = splits ? Object.keys(splits)[0] : null;
  if (format === "csv") return 'pandas.read_csv("images.csv", keep_default_na=False, dtype={"label": str, "caption": str})';
  if (format === "parquet") return 'pandas.read_parquet("images.parquet")';
  if (format === "json") return 'pandas.read_json("images.json")';
  if (layout === "coco") return `pycocotools.coco.COCO("data/annotations/${split ?? "images"}.json")`;
  if (layout === "huggingface") return 'datasets.load_dataset("data")';
  if (layout === "imagefolder") return 'datasets.load_dataset("imagefolder", data_dir="data")';
  const files = splits ? Object.keys(splits).map((name) => `"${name}": "data/${name}-*.tar"`) : ['"train": "samples.tar"'];
  return `datasets.load_dataset("webdataset", data_files={${files.join(", ")}})`;
}

async function deleteExport(job, jobs) {
  const sure = await confirmAction({ title: `Delete ${job.name}?`, text: "Its file is removed. The images stay.", action: "Delete the export" });
  if (!sure) return;
  try {
    await remove(`/v1/export-jobs/${job.id}`);
    jobs.update((all) => all.filter((one) => one.id !== job.id));
    notify("The export is deleted.");
  } catch (error) {
    notifyProblem(error);
  }
}
