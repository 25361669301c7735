// The fields of each kind of source, and the source that they make.

import { MOST_ADDRESSES, parseAddresses, splitWords } from "./address-list.js";
import { h } from "./dom.js";
import { areaField, button, checkField, choiceField, textField } from "./forms.js";
import { icon } from "./icons.js";
import { columnNames, readNames } from "./manifest-preview.js";
import { signal } from "./signals.js";

const ENGINES = [
  ["openverse", "Openverse", "ready"],
  ["wikimedia", "Wikimedia Commons", "ready"],
  ["flickr", "Flickr", "needs a key"],
  ["pexels", "Pexels", "needs a key"],
  ["unsplash", "Unsplash", "needs a key"],
  ["google", "Google", "needs a key"],
];
const LICENCES = [
  ["", "Any"],
  ["public-domain", "Public domain (CC0 and marks)"],
  ["commercial-modification", "May be changed and sold"],
  ["commercial", "May be sold (no NC)"],
  ["modification", "May be changed (no ND)"],
  ["cc0", "CC0"], ["pdm", "Public Domain Mark"], ["by", "CC BY"], ["by-sa", "CC BY-SA"], ["by-nd", "CC BY-ND"], ["by-nc", "CC BY-NC"], ["by-nc-sa", "CC BY-NC-SA"], ["by-nc-nd", "CC BY-NC-ND"],
];
const DEPTHS = [[0, "Only these pages"], [1, "And the pages that they link to"], ...Array.from({ length: 9 }, (_, at) => [at + 2, `${at + 2} steps of links`])];

/** The name of an engine for people. */
export const nameEngine = (key) => ENGINES.find(([name]) => name === key)?.[1] ?? key;

/** Name the engines that a refusal of a source numbers. */
export function explainEngines(error, { engines = [] }) {
  const refused = [...(error.fields ?? [])].flatMap(([pointer, detail]) => {
    const place = /^\/source\/engines\/(\d+)$/.exec(pointer)?.[1];
    return place === undefined ? [] : [`${nameEngine(engines[place])} ${detail}.`];
  });
  return refused.length ? new Error(refused.join(" ")) : error;
}

/** Make the fields of every kind: `{key: {element, read(data)}}`. `read` returns the source. */
export function makeSourceFields() {
  return { keywords: keywordFields(), pages: pageFields(), urls: addressFields(), manifest: bucketFields() };
}

function keywordFields() {
  const sorted = signal(false); // by category
  const rows = signal([]); // elements: a row keeps what was typed when another comes or goes
  let last = 0;
  const addRow = () => rows.update((now) => [...now, categoryRow((last += 1), rows)]);
  addRow();
  const chosen = signal(false); // whether engines are
  const element = h(
    "div",
    { class: "form" },
    h(
      "fieldset",
      { class: "segmented" },
      h("legend", { class: "visually-hidden" }, "How the words are given"),
      segment("words_by", "words", "Words", !sorted.peek(), () => sorted.set(false)),
      segment("words_by", "category", "By category, with labels", sorted.peek(), () => sorted.set(true)),
    ),
    h("div", { hidden: sorted }, areaField({ label: "Words", name: "keywords", pointer: "/source/keywords", rows: 4, placeholder: "tabby cat\nsiamese cat", hint: "One search a line, or separated by commas." })),
    h(
      "div",
      { class: "form", hidden: () => !sorted() },
      h("p", { class: "hint" }, "Each category becomes the label of what its words find."),
      h("ul", { class: "category-rows" }, rows),
      h("div", {}, button("Add a category", { class: "button small", icon: "plus", onclick: () => (addRow(), queueMicrotask(() => rows.peek().at(-1).querySelector("input").focus())) })),
    ),
    choiceField({ label: "Licence", name: "license", pointer: "/source/license", options: LICENCES, value: "", hint: "Only images that are offered under it." }),
    h(
      "fieldset",
      { class: "choices" },
      h("legend", { class: "legend" }, "Where to search"),
      h("label", { class: "inline" }, h("input", { type: "radio", name: "engines_by", value: "all", checked: true, onchange: () => chosen.set(false) }), h("span", {}, "Every search engine that is available")),
      h("label", { class: "inline" }, h("input", { type: "radio", name: "engines_by", value: "some", onchange: () => chosen.set(true) }), h("span", {}, "Only these")),
      h("div", { class: "engine-list", hidden: () => !chosen() }, ENGINES.map(([key, text, hint]) => checkField({ label: text, name: `engine_${key}`, hint, checked: hint === "ready" }))),
    ),
  );
  const read = (data) => {
    const engines = data.engines_by === "some" ? ENGINES.map(([key]) => key).filter((key) => data[`engine_${key}`]) : [];
    return {
      type: "keywords",
      ...(sorted.peek() ? { categories: readCategories(data) } : { keywords: splitWords(data.keywords) }),
      ...(engines.length && { engines }),
      ...(data.license && { license: data.license }),
    };
  };
  return { element, read };
}

function segment(name, value, text, checked, onchange) {
  return h("label", {}, h("input", { type: "radio", class: "visually-hidden", name, value, checked, onchange }), h("span", {}, text));
}

function categoryRow(number, rows) {
  const row = h(
    "li",
    { class: "category-row" },
    textField({ label: "Label", name: `category_${number}`, pointer: "/source/categories", maxlength: 200, placeholder: "cat" }),
    textField({ label: "Words", name: `words_${number}`, pointer: "/source/categories", placeholder: "tabby cat, siamese cat" }),
    h("button", { type: "button", class: "icon-button", "aria-label": "Remove this category", title: "Remove", hidden: () => rows().length < 2, onclick: () => rows.update((now) => now.filter((one) => one !== row)) }, icon("close")),
  );
  return row;
}

function readCategories(data) {
  const categories = {};
  for (const [name, label] of Object.entries(data)) {
    const number = /^category_(\d+)$/.exec(name)?.[1];
    if (number) categories[label] = [...new Set([...(categories[label] ?? []), ...splitWords(data[`words_${number}`])])];
  }
  return categories;
}

function pageFields() {
  const deep = signal(false);
  const follows = () => deep.set(Number(depth.querySelector("select").value) > 0 || sitemap.querySelector("input").checked);
  const depth = choiceField({ label: "Which pages", name: "max_depth", pointer: "/source/max_depth", options: DEPTHS, value: 0, onchange: follows });
  const sitemap = checkField({ label: "Also the pages in the site’s sitemaps", name: "sitemap", onchange: follows });
  const patterns = { optional: true, rows: 2, placeholder: "/gallery/*", class: "mono-field" };
  const element = h(
    "div",
    { class: "form" },
    areaField({ label: "Pages", name: "pages", pointer: "/source/pages", rows: 3, placeholder: "https://example.org/gallery", hint: "Addresses of web pages or feeds, one a line, 100 at most." }),
    h("div", { class: "columns" }, depth, textField({ label: "Label", name: "page_label", pointer: "/source/label", optional: true, maxlength: 200, hint: "Given to every image." })),
    sitemap,
    h(
      "div",
      { class: "form", hidden: () => !deep() },
      checkField({ label: "Stay on the site", name: "same_host", checked: true, hint: "Links to other sites are not followed. Images are taken from anywhere." }),
      areaField({ label: "Only pages whose address fits", name: "include", pointer: "/source/include", hint: "One pattern a line, as in robots.txt: * stands for anything, $ for the end.", ...patterns }),
    ),
    areaField({ label: "Leave out pages and images whose address fits", name: "exclude", pointer: "/source/exclude", ...patterns, placeholder: "*/thumbs/*" }),
  );
  const read = (data) => ({
    type: "pages",
    pages: splitWords(data.pages, /\s+/).map((page) => (/^[a-z]+:/i.test(page) ? page : `https://${page}`)),
    max_depth: Number(data.max_depth),
    sitemap: data.sitemap,
    ...(deep.peek() && { same_host: data.same_host, include: splitWords(data.include, /[\n\r]+/) }),
    exclude: splitWords(data.exclude, /[\n\r]+/),
    ...(data.page_label && { label: data.page_label }),
  });
  return { element, read };
}

function addressFields() {
  const element = h(
    "div",
    { class: "form" },
    areaField({ label: "Addresses of images", name: "addresses", pointer: "/source/urls", rows: 9, class: "mono-field", placeholder: "https://example.org/cat.jpg\nhttps://example.org/dog.jpg, dog", hint: "One a line, 10,000 at most. A label may follow behind a comma or a tab." }),
  );
  const read = (data) => {
    const { entries } = parseAddresses(data.addresses ?? "");
    if (!entries.length) throw new Error("None of these lines is an address that begins with https:// or http://.");
    if (entries.length > MOST_ADDRESSES) throw new Error("These are more than 10,000 addresses: save them as a text file, and choose “Table file”.");
    return { type: "urls", urls: entries };
  };
  return { element, read };
}

function bucketFields() {
  const element = h(
    "div",
    { class: "form" },
    textField({ label: "Address of the table", name: "uri", pointer: "/source/uri", maxlength: 2048, placeholder: "gs://bucket/table.parquet", class: "mono-field", hint: "Whoever runs this system says which buckets are read." }),
    h("p", { class: "hint" }, "Columns with usual names (url, label, caption, license …) are found by themselves. Name others:"),
    columnNames("bucket"),
  );
  const read = (data) => ({ type: "manifest", uri: data.uri, columns: readNames(data, "bucket") });
  return { element, read };
}
