// What a crawl will do, said in plain words while its form is filled in.

import { parseAddresses, splitWords } from "./address-list.js";
import { h } from "./dom.js";
import { amount, count } from "./format.js";
import { icon } from "./icons.js";
import { describeInterval, listSome, shorten } from "./crawl-words.js";

const SHOWN = 6;

/** The plan of what is filled in: `draft` is a signal of the form's data. */
export function crawlPlan(kind, draft) {
  return h(
    "aside",
    { class: "card plan", "aria-label": "What will happen" },
    h("h2", { class: "card-title" }, "What will happen"),
    h("ul", { class: "plan-list" }, () => listPlan(kind(), draft()).map((line) => h("li", { class: line.tone }, icon(line.tone === "warn" ? "alert" : "check", 16), h("span", {}, line.text ?? line)))),
    () => kind() === "urls" && addressPreview(draft().addresses),
  );
}

function listPlan(kind, data) {
  return [...listSource(kind, data), ...listOptions(kind, data)];
}

function listSource(kind, data) {
  if (kind === "keywords") return listSearches(data);
  if (kind === "pages") {
    const pages = splitWords(data.pages, /\s+/);
    if (!pages.length) return ["Pages are read as a browser shows them, and their pictures taken."];
    const depth = Number(data.max_depth);
    return [`${amount(pages.length, "page")} ${pages.length === 1 ? "is" : "are"} read: ${listSome(pages.map(shorten))}.`, depth > 0 && `Links are followed ${amount(depth, "step")} deep, up to 2,000 pages.`, data.sitemap && "The sites’ sitemaps are read too.", data.page_label && `Every image gets the label “${data.page_label}”.`].filter(Boolean);
  }
  if (kind === "urls") return listAddresses(data);
  if (kind === "manifest") return ["The table is read in the bucket, and each of its rows fetches one image."];
  return ["The table is uploaded, and each of its rows fetches one image."];
}

function listSearches(data) {
  const byCategory = data.words_by === "category";
  const words = byCategory ? Object.keys(data).filter((name) => name.startsWith("words_") && name !== "words_by").flatMap((name) => splitWords(data[name])) : splitWords(data.keywords);
  const labels = Object.keys(data).filter((name) => name.startsWith("category_")).map((name) => data[name]);
  if (!words.length) return ["Every engine is searched for every word; results are taken in turn."];
  return [`${amount(words.length, "word")} ${words.length === 1 ? "is" : "are"} searched for: ${listSome(words)}.`, byCategory && labels.length > 0 && `What is found is labelled ${listSome(labels)}.`, "Title, licence and author of each image are kept."].filter(Boolean);
}

function listAddresses(data) {
  const { entries, bad } = parseAddresses(data.addresses ?? "");
  const labels = new Set(entries.map(({ label }) => label).filter(Boolean));
  if (!entries.length && !bad.length) return ["Each address is fetched once."];
  return [
    `${amount(entries.length, "address", "addresses")}${labels.size ? ` with ${amount(labels.size, "label")}` : ""}.`,
    bad.length > 0 && { tone: "warn", text: `${amount(bad.length, "line")} ${bad.length === 1 ? "is" : "are"} no address and left out: line ${listSome(bad, 5)}.` },
  ].filter(Boolean);
}

function listOptions(kind, data) {
  const most = data.max_images ?? (["keywords", "pages"].includes(kind) ? 1000 : null);
  const every = data.repeat === "other" ? data.every : data.repeat;
  return [
    most && `At most ${amount(most, "image")}.`,
    (data.min_width > 0 || data.min_height > 0) && `Images below ${count(data.min_width ?? 0)} × ${count(data.min_height ?? 0)} pixels are left out.`,
    { exact: "Identical files are kept once.", perceptual: "Of pictures that look the same, the best is kept.", none: "Duplicates are kept." }[data.dedup],
    data.rights === "ignore" ? { tone: "warn", text: "Opt-outs of owners are ignored." } : "Sites are visited politely; opt-outs of owners are respected.",
    kind !== "file" && /^[1-9]\d*[hdw]$/.test(every ?? "") && `It repeats ${describeInterval(every)}.`,
  ].filter(Boolean);
}

function addressPreview(text) {
  const { entries } = parseAddresses(text ?? "");
  return (
    entries.length > 0 &&
    h(
      "ol",
      { class: "address-preview" },
      entries.slice(0, SHOWN).map(({ url, label }) => h("li", {}, h("span", { class: "address" }, shorten(url)), label && h("span", { class: "label-chip" }, label))),
      entries.length > SHOWN && h("li", { class: "quiet small" }, `and ${count(entries.length - SHOWN)} more`),
    )
  );
}
