// What an export is to hold, and in which form; with an estimate of its size.

import { get, post } from "./api.js";
import { h } from "./dom.js";
import { amount, bytes } from "./format.js";
import { checkField, choiceField, field, form, textField } from "./forms.js";
import { notifyProblem, openDialog } from "./notices.js";
import { go } from "./router.js";
import { signal } from "./signals.js";
import { readShares, sharesField } from "./splits.js";

const LAYOUTS = [
  ["imagefolder", "Folders by label (imagefolder)", "zip"],
  ["huggingface", "Hugging Face datasets (parquet)", "zip"],
  ["webdataset", "WebDataset (tar)", "tar"],
  ["coco", "COCO", "zip"],
  ["csv", "Table only: CSV", "csv"],
  ["parquet", "Table only: Parquet", "parquet"],
];
/** The name of a layout for people. */
export const nameLayout = (key) => LAYOUTS.find(([value]) => value === key)?.[1] ?? key;

const TABLES = new Set(["csv", "parquet"]);
const SAMPLE = 200; // images whose sizes make the estimate
const PIXEL_BYTES = 0.22; // of a JPEG of quality 90, on the average of photographs

/** Ask what to export of a version, a crawl or a whole project; shows the exports then. */
export async function exportDataset({ project, version = null, crawl = null }) {
  const query = version ? { version_id: version.id } : { crawl_job_id: crawl?.id, valid: true, duplicate: false, rejected: false };
  const layout = signal("imagefolder");
  const side = signal("");
  const estimate = signal(null);
  loadEstimate(project, query, version, estimate).catch(notifyProblem);
  const job = await openDialog({
    title: `Export ${version?.name ?? crawl?.name ?? project.name}`,
    content: (close) =>
      form({
        fields: [
          textField({ label: "Name", name: "name", maxlength: 200, value: (version?.name ?? crawl?.name ?? project.name).slice(0, 200) }),
          choiceField({ label: "Format", name: "layout", pointer: "/options/layout", options: LAYOUTS.map(([value, text]) => [value, text]), onchange: (event) => layout.set(event.target.value) }),
          field({
            label: "Size of the images",
            name: "side",
            pointer: "/options/resize",
            hint: "Pixels of each side.",
            optional: true,
            make: (given) => h("input", { type: "number", min: 1, max: 8192, placeholder: "As they are", ...given, oninput: (event) => side.set(event.target.value), disabled: () => TABLES.has(layout()) }),
          }),
          choiceField({
            label: "Fitted to a square by",
            name: "mode",
            options: [["pad", "padding"], ["cover", "cropping"], ["contain", "nothing: the longer side has this size"], ["fill", "stretching"]],
            disabled: () => !side() || TABLES.has(layout()),
          }),
          !version && sharesField(),
          checkField({ label: "Check again that every source still permits this use", name: "recheck_rights", hint: "Slower; what was withdrawn is left out." }),
        ],
        submit: "Export",
        extra: h("p", { class: "quiet small", role: "status" }, () => describe(estimate(), layout(), Number(side()))),
        send: async (data) => close(await post(pathOf({ project, version, crawl }), makeRequest(data, version))),
      }),
  });
  if (job) go(`/projects/${project.id}/exports`);
}

function pathOf({ project, version, crawl }) {
  if (version) return `/v1/versions/${version.id}/export-jobs`;
  return crawl ? `/v1/crawl-jobs/${crawl.id}/export-jobs` : `/v1/projects/${project.id}/export-jobs`;
}

function makeRequest({ name, layout, side, mode, shares, recheck_rights: recheck }, version) {
  const format = LAYOUTS.find(([value]) => value === layout)[2];
  const options = { recheck_rights: recheck };
  if (!TABLES.has(layout)) options.layout = layout;
  if (side && !TABLES.has(layout)) options.resize = { width: side, height: side, mode };
  const splits = version ? null : readShares(shares);
  if (splits) options.splits = splits;
  return { name, format, options };
}

async function loadEstimate(project, query, version, estimate) {
  const path = `/v1/projects/${project.id}/images`;
  const [page, anchors] = await Promise.all([get(path, { ...query, limit: SAMPLE }), version ? { count: version.image_count } : get(`${path}/anchors`, query)]);
  const sizes = page.items.map((image) => image.file_size ?? 0);
  estimate.set({ images: anchors.count, mean: sizes.length ? sizes.reduce((all, one) => all + one, 0) / sizes.length : 0 });
}

function describe(estimate, layout, side) {
  if (!estimate) return "Counting …";
  const images = amount(estimate.images, "image");
  if (TABLES.has(layout)) return images;
  const each = side ? side * side * PIXEL_BYTES : estimate.mean;
  return `${images}, about ${bytes(Math.round(estimate.images * each))}`;
}
