// The sections about one image: its file, origin, rights, verdict, analyses, variants, near copies.

import { h, isSafeAddress } from "./dom.js";
import { age, amount, bytes, decimal, duration, moment, percent, words } from "./format.js";
import { icon } from "./icons.js";
import { thumbnailOf } from "./image-list.js";
import { badge } from "./layout.js";
import { openDialog } from "./notices.js";
import { link } from "./router.js";
import { comparison } from "./preview.js";

function section(title, ...content) {
  return h("section", { class: "detail-section" }, h("h3", {}, title), content);
}

function list(rows) {
  const given = rows.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false);
  return h("dl", { class: "image-facts" }, given.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/** A link to a foreign page; what is no address of the web stays a text. */
function foreign(address) {
  if (!address) return null;
  const isWeb = isSafeAddress(address) && /^https?:/i.test(address);
  return isWeb ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow", title: address }, address, icon("external", 13)) : h("span", { title: address }, address);
}

/** The file and where it is from. */
export function facts(image) {
  return [
    section(
      "File",
      list([
        ["Pixels", image.width && `${image.width} × ${image.height}`],
        ["Format", image.format?.toUpperCase()],
        ["Size", image.file_size !== null && image.file_size !== undefined && bytes(image.file_size)],
        ["Sharpness", image.sharpness !== undefined && image.sharpness !== null && decimal(image.sharpness)],
        ["Brightness", image.brightness !== undefined && image.brightness !== null && decimal(image.brightness)],
        ["Uniformity", image.uniformity !== undefined && image.uniformity !== null && percent(image.uniformity)],
        ["Added", h("time", { datetime: image.created_at, title: moment(image.created_at) }, age(image.created_at))],
        ["SHA-256", image.sha256 && h("code", { class: "clipped", title: image.sha256 }, image.sha256)],
        ["pHash", image.phash && h("code", { title: "64-bit perceptual hash" }, image.phash)],
        ["Id", h("code", { class: "clipped", title: image.id }, image.id)],
      ]),
    ),
    section(
      "Origin",
      list([
        ["Address", foreign(image.original_url)],
        ["Page", foreign(image.source_page)],
        ["Crawl", image.crawl_job_id && h("a", { href: link(`/crawls/${image.crawl_job_id}`) }, "Show the crawl")],
        ["Upload", !image.crawl_job_id && !image.original_url && "Uploaded by hand"],
      ]),
    ),
  ];
}

/** Under what terms it may be used, and the signals that say so. */
export function rights(image, found) {
  const signals = () => {
    const items = found();
    if (items === null) return h("p", { class: "quiet small" }, "Loading…");
    if (!Array.isArray(items)) return failed(items);
    if (!items.length) return h("p", { class: "quiet small" }, image.crawl_job_id || image.original_url ? "The crawl met no signal about its use." : "An upload carries no signals.");
    return h(
      "ul",
      { class: "signals" },
      items.map((one) =>
        h(
          "li",
          {},
          badge(one.decision === "allowed" ? "valid" : "rejected", words(one.decision)),
          h("span", { class: "small" }, h("strong", {}, words(one.source)), ` ${one.value}`),
          h("span", { class: "quiet small" }, foreign(one.address), ` ${age(one.fetched_at)}`),
        ),
      ),
    );
  };
  return section("Rights", list([["Licence", /^https?:/i.test(image.license ?? "") ? foreign(image.license) : image.license], ["Credit", image.attribution], ["Creator", image.creator]]), signals);
}

/** The latest verdict, with every rule that it breaks. */
export function validation(image) {
  if (image.validation === undefined) return null;
  const verdict = image.validation;
  if (!verdict) return section("Validation", h("p", { class: "quiet small" }, "It has not been judged yet."));
  const broken = verdict.violations.map((one) =>
    h("tr", {}, h("th", { scope: "row" }, words(one.rule)), h("td", {}, toText(one.limit)), h("td", { class: "error" }, toText(one.actual))),
  );
  return section(
    "Validation",
    broken.length
      ? h("table", { class: "violations" }, h("caption", { class: "visually-hidden" }, "Rules that it breaks"), h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Rule"), h("th", { scope: "col" }, "Limit"), h("th", { scope: "col" }, "Has"))), h("tbody", {}, broken))
      : h("p", { class: "small" }, verdict.is_valid ? "It breaks no rule." : "It was found not valid."),
  );
}

/** What analyzers said, newest first. */
export function analyses(found) {
  const one = (item) =>
    h(
      "li",
      { class: "analysis" },
      h("p", { class: "small" }, h("strong", {}, item.analyzer.startsWith("model:") ? "Model" : item.analyzer), item.model_version && ` ${item.model_version}`, " ", badge(item.status)),
      h("p", { class: "quiet small" }, age(item.created_at), item.processing_time_ms > 0 && `, in ${item.processing_time_ms < 1000 ? `${Math.round(item.processing_time_ms)} ms` : duration(item.processing_time_ms / 1000)}`),
      item.description && h("p", { class: "small" }, item.description),
      item.error && h("p", { class: "small error" }, item.error),
      item.labels.length > 0 && h("ul", { class: "scores" }, item.labels.slice(0, 8).map(score)),
    );
  return section("Analyses", () => {
    const items = found();
    if (items === null) return h("p", { class: "quiet small" }, "Loading…");
    if (!Array.isArray(items)) return failed(items);
    return items.length ? h("ul", { class: "analyses" }, items.map(one)) : h("p", { class: "quiet small" }, "It has not been analysed yet.");
  });
}

function score(label) {
  const share = label?.score ?? label?.confidence;
  return h("li", {}, h("span", { title: toText(label?.name ?? label) }, toText(label?.name ?? label)), Number.isFinite(share) && h("span", { class: "quiet" }, percent(share)));
}

/** Its other forms, those that are there and those that are to be. */
export function variants(image) {
  if (!image.variants) return null;
  const made = image.variants.map((one) =>
    h("li", {}, h("a", { href: `/v1/images/${image.id}/content?variant=${encodeURIComponent(one.name)}`, target: "_blank", rel: "noopener", title: one.name }, one.name), h("span", { class: "quiet small" }, `${one.width} × ${one.height}, ${bytes(one.file_size)}`)),
  );
  const asked = image.variant_requests.map((one) => h("li", {}, h("span", { title: one.name }, one.name), badge(one.status, one.failure_reason ?? words(one.status))));
  return section("Variants", made.length + asked.length ? h("ul", { class: "variants" }, made, asked) : h("p", { class: "quiet small" }, "It has none."));
}

/** Pictures of the project that look like it, nearest first. */
export function nearCopies(image, found, open, similar) {
  const show = (other) =>
    openDialog({
      title: "Side by side",
      wide: true,
      content: (close) => [comparison(image, other), h("div", { class: "form-actions end" }, h("button", { type: "button", class: "button", onclick: () => (close(), open(other.id)) }, "Go to the other"))],
    });
  return section("Near copies", () => {
    const items = found();
    if (items === null) return h("p", { class: "quiet small" }, "Looking…");
    if (!Array.isArray(items)) return failed(items);
    if (!items.length) return h("p", { class: "quiet small" }, "Nothing in this project looks like it.");
    return [
      h(
        "ul",
        { class: "near" },
        items.slice(0, 9).map((other) =>
          h(
            "li",
            {},
            h(
              "button",
              { type: "button", class: "near-one", "aria-label": `Compare with ${other.file_name ?? "an image"}, ${amount(other.distance, "bit")} apart`, onclick: () => show(other) },
              h("img", { src: thumbnailOf(other), alt: "", style: { "background-color": other.color ?? null } }),
              h("span", { class: "small" }, amount(other.distance, "bit")),
            ),
          ),
        ),
      ),
      items.length > 9 && h("button", { type: "button", class: "link small", onclick: () => similar(image.id) }, `Show all ${items.length}`),
    ];
  });
}

/** What its file or its source carries beside: EXIF and the like. */
export function metadata(image) {
  const rows = Object.entries({ ...image.metadata, ...image.exif });
  return rows.length > 0 && section("Metadata", list(rows.map(([name, value]) => [words(name), toText(value)])));
}

function failed(error) {
  return h("p", { class: "error small" }, error.sentence ?? "It could not be loaded.");
}

function toText(value) {
  if (value === null || value === undefined) return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
