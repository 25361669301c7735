// What the address says that is to be shown: filters of images, read, worded, and taken away.

import { h } from "./dom.js";
import { bytes, nameLicence, words } from "./format.js";
import { icon } from "./icons.js";
import { explainReason } from "./reasons.js";
import { address, setQuery } from "./router.js";

const yes = (text, no) => (value) => (value === "true" ? text : no);
const named = (name) => (value) => `${name}: ${value}`;
const range = (name, unit = "") => [
  [`min_${name.key}`, (value) => `${name.text} ≥ ${value}${unit}`],
  [`max_${name.key}`, (value) => `${name.text} ≤ ${value}${unit}`],
];

/** The filters that an address may carry, each with what says it. Their names are the API's. */
const FILTERS = new Map([
  ["text", (value) => `“${value}”`],
  ["label", named("Label")],
  ["unlabelled", yes("No label", "With a label")],
  ["valid", yes("Valid", "Not valid")],
  ["duplicate", yes("Duplicates", "No duplicates")],
  ["rejected", yes("Rejected", "Not rejected")],
  ["status", (value) => `Status: ${words(value)}`],
  ["reason", (value) => `Failed: ${explainReason(value).text}`],
  ["format", (value) => `Format: ${value.toUpperCase()}`],
  ["license", (value) => `Licence: ${nameLicence(value)}`],
  ["host", named("Host")],
  ["analyzer", named("Analysed by")],
  ["analysis_label", named("Analysis")],
  ["version_id", () => "In a version"],
  ["split", named("Split")],
  ["crawl_job_id", () => "From one crawl"],
  ["duplicate_of", () => "Duplicates of one image"],
  ...range({ key: "width", text: "Width" }, " px"),
  ...range({ key: "height", text: "Height" }, " px"),
  ["min_bytes", (value) => `Size ≥ ${bytes(Number(value))}`],
  ["max_bytes", (value) => `Size ≤ ${bytes(Number(value))}`],
  ...range({ key: "sharpness", text: "Sharpness" }),
  ...range({ key: "brightness", text: "Brightness" }),
  ...range({ key: "uniformity", text: "Uniformity" }),
]);
const FLAGS = new Set(["unlabelled", "valid", "duplicate", "rejected"]);
const NUMBERS = /^(min|max)_/;

/** Return the filters of an address's query as the API takes them in a query. */
export function readFilters(query) {
  return Object.fromEntries(Object.entries(query).filter(([name]) => FILTERS.has(name)));
}

/** Return whether an address names images by anything. */
export function hasFilters(query) {
  return Boolean(query.similar) || Object.keys(readFilters(query)).length > 0;
}

/** Return the same as the API takes them in a body. */
export function toBody(filters) {
  const typed = ([name, value]) => {
    if (FLAGS.has(name)) return [name, value === "true"];
    return [name, NUMBERS.test(name) ? Number(value) : value];
  };
  return Object.fromEntries(Object.entries(filters).map(typed));
}

/** Return a text that is the same for the same list of images. */
export function nameList(query) {
  const { similar = "", distance = "" } = query;
  return JSON.stringify([similar, distance, ...(similar ? [] : Object.entries(readFilters(query)).sort())]);
}

/** Take all filters away. */
export function clearFilters() {
  const { query } = address.peek();
  setQuery(Object.fromEntries(Object.keys({ ...readFilters(query), similar: "", distance: "" }).map((name) => [name, null])));
}

/** Set a filter, or take it away where it has this value already. */
export function toggleFilter(name, value, others = {}) {
  const now = address.peek().query[name];
  setQuery({ similar: null, distance: null, ...others, [name]: now === String(value) ? null : String(value) });
}

/** Show the active filters, each with a way to take it away. */
export function filterChips() {
  const { query } = address();
  const chips = query.similar
    ? [chip("Similar pictures", () => setQuery({ similar: null, distance: null }))]
    : Object.entries(readFilters(query)).map(([name, value]) => {
        const gone = name === "version_id" ? { version_id: null, split: null } : { [name]: null };
        return chip(FILTERS.get(name)(value), () => setQuery(gone));
      });
  if (!chips.length) return null;
  const clear = chips.length > 1 && h("button", { type: "button", class: "link small", onclick: clearFilters }, "Clear all");
  return h("div", { class: "chips", role: "group", "aria-label": "Active filters" }, chips, clear);
}

function chip(text, remove) {
  return h(
    "button",
    { type: "button", class: "chip", "aria-label": `Take away the filter ${text}`, title: text, onclick: remove },
    h("span", {}, text),
    icon("close", 14),
  );
}
