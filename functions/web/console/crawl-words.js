// Crawls in words: their sources, their stages and what they wait for.

import { amount, count, duration } from "./format.js";

/** The kinds of source: key, name, drawing, and what it is for. */
export const SOURCE_KINDS = [
  { key: "keywords", name: "Keywords", icon: "search", about: "Search Openverse, Wikimedia Commons and others by words." },
  { key: "pages", name: "Web pages", icon: "globe", about: "Take the pictures of pages, and of pages they link to." },
  { key: "urls", name: "Image links", icon: "list", about: "Paste links to image files, one a line." },
  { key: "file", name: "Table file", icon: "upload", about: "A table of image addresses on this computer, with labels and captions if you have them." },
  { key: "manifest", name: "Table in a bucket", icon: "folder", about: "A table of image addresses in Google Cloud Storage." },
];

/** Say in a few words where a crawl takes its images from. */
export function describeSource(source) {
  switch (source.type) {
    case "keywords": {
      const words = source.keywords ?? Object.values(source.categories ?? {}).flat();
      return `${amount(words.length, "keyword")}: ${listSome(words)}`;
    }
    case "pages":
      return `${amount(source.pages.length, "page")}: ${listSome(source.pages.map(shorten))}`;
    case "urls":
      return amount(source.url_count ?? source.urls.length, "address", "addresses");
    default:
      return source.file_name ?? source.uri ?? "a table";
  }
}

/** The drawing of a source. */
export function sourceIcon({ type, file_name: file }) {
  const wanted = file ? "file" : type;
  return SOURCE_KINDS.find(({ key }) => key === wanted)?.icon ?? "list";
}

/** Name the first few of many texts. */
export function listSome(texts, most = 3) {
  const named = texts.slice(0, most).join(", ");
  return texts.length > most ? `${named} and ${count(texts.length - most)} more` : named;
}

/** An address without what everybody knows of it. */
export const shorten = (address) => String(address).replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");

/** An interval such as "1d" in words. */
export function describeInterval(text) {
  const [number, unit] = [Number.parseInt(text, 10), { h: "hour", d: "day", w: "week" }[text.at(-1)]];
  return number === 1 ? `every ${unit}` : `every ${count(number)} ${unit}s`;
}

/** Whether a job is still at work, or about to be. */
export const isLive = (job) => ["pending", "running"].includes(job.status);

/** Images of a job that have an outcome. */
export const countSettled = (job) => job.downloaded_images + job.duplicate_images + job.failed_images;

/** What a job does now, in words. */
export function describeStage(job) {
  if (job.status === "pending") return job.source.type === "manifest" && !job.source.uri ? "Waits for its table" : "Waits to begin";
  if (job.status !== "running") return { completed: "Done", failed: "Failed", cancelled: "Cancelled" }[job.status];
  return { validating: "Judges the images", analyzing: "Analyses the images" }[job.stage] ?? "Fetches";
}

/** How long a job that has ended was at work. */
export function describeTime(job) {
  if (!job.started_at) return "";
  return `in ${duration((new Date(job.completed_at ?? job.updated_at) - new Date(job.started_at)) / 1000)}`;
}
