// The first pictures of a source, looked for again whenever its form changes.

import { parseAddresses, splitWords } from "./address-list.js";
import { post, wait } from "./api.js";
import { h } from "./dom.js";
import { amount, count } from "./format.js";
import { icon } from "./icons.js";
import { listSome, shorten } from "./crawl-words.js";
import { explainReason } from "./reasons.js";
import { effect, signal } from "./signals.js";
import { explainEngines, nameEngine } from "./source-fields.js";

const PAUSE = 900; // milliseconds without a change before a source is looked at
const SHOWN = 12;
const SENT = 24; // addresses of a list, of which the first are looked at
const HOST = /^https?:\/\/([^\s/]+\.[^\s/]{2,}|\[[\da-f:]+\]|[^\s/]+:\d+)([/?#]|$)/i; // typed to its end, as far as can be seen
const INVITATION = {
  keywords: "Type a word to see the first pictures that it brings.",
  pages: "Type the address of a page to see what is found on it.",
  urls: "Paste addresses to see the first pictures.",
};

/**
 * Make the preview. `kind` and `draft` are signals of the kind of source and of the form's data,
 * `sources` the fields that read it; `left` ends all when the view is left.
 */
export function sourcePreview(project, { kind, draft, sources, left }) {
  const state = signal({ phase: "idle" });
  let [asked, current] = [null, null];
  effect(() => {
    const wanted = readSource(kind(), draft(), sources);
    const key = JSON.stringify(wanted);
    if (key === asked) return;
    asked = key;
    current?.abort();
    current = new AbortController();
    if (wanted) void look(project, wanted, state, AbortSignal.any([current.signal, left]));
    else state.set({ phase: "idle" });
  });
  return h(
    "section",
    { class: "source-preview", "aria-label": "First pictures", "aria-busy": () => String(state().phase === "busy"), hidden: () => !(kind() in INVITATION) },
    h("h2", { class: "card-title" }, "First pictures"),
    h("p", { class: "preview-summary small", role: "status" }, () => describeState(state(), kind())),
    () => showPages(state()),
    () => showSearches(state()),
    () => showPictures(state()),
  );
}

/** The source that a form's data makes, with what counts of its options, or null while it lacks something. */
function readSource(kind, data, sources) {
  if (!isComplete(kind, data)) return null;
  let source;
  try {
    source = sources[kind].read(data);
  } catch {
    return null; // the form says what is wrong, once it is sent
  }
  if (kind === "urls") source = { ...source, urls: source.urls.slice(0, SENT) };
  return { source, options: { rights: data.rights || "respect", respect_robots: data.respect_robots !== false } };
}

function isComplete(kind, data) {
  if (kind === "urls") return parseAddresses(data.addresses ?? "").entries.some(({ url }) => HOST.test(url));
  if (kind === "pages") {
    const pages = splitWords(data.pages, /\s+/);
    return pages.length > 0 && pages.every((page) => HOST.test(/^[a-z]+:/i.test(page) ? page : `https://${page}`));
  }
  if (kind !== "keywords") return false;
  const given = data.words_by === "category" ? Object.keys(data).filter((name) => /^words_\d+$/.test(name)).map((name) => data[name]) : [data.keywords];
  const labels = data.words_by !== "category" || Object.keys(data).filter((name) => /^category_\d+$/.test(name)).every((name) => data[name]);
  return labels && given.every((words) => splitWords(words ?? "").some((word) => word.length > 1));
}

async function look(project, wanted, state, signal) {
  try {
    await wait(PAUSE, signal);
    state.update((before) => ({ ...before, phase: "busy" }));
    const preview = await post(`/v1/projects/${project.id}/source-previews`, wanted, { signal, onlyReads: true });
    state.set({ phase: "found", preview });
  } catch (error) {
    if (signal.aborted) return;
    state.set({ phase: "failed", error: explainEngines(error, wanted.source) });
  }
}

function describeState({ phase, preview, error }, kind) {
  if (phase === "idle") return INVITATION[kind];
  if (phase === "busy") return "Looking …";
  if (phase === "failed") return [icon("alert", 15), " ", error.sentence ?? error.message];
  const fine = preview.candidates.filter(({ reason }) => !reason).length;
  if (!preview.candidates.length) return describeNothing(preview, kind);
  const shown = preview.found > preview.candidates.length ? `${amount(preview.found, "image")} found so far; these are the first ${count(preview.candidates.length)}.` : `${amount(preview.found, "image")} found.`;
  const refused = preview.candidates.length - fine;
  return [kind === "urls" ? `The first ${amount(preview.candidates.length, "address", "addresses")}.` : shown, refused > 0 && ` ${count(refused)} of them would bring none.`].filter(Boolean).join("");
}

function describeNothing(preview, kind) {
  if (kind === "keywords") return preview.searches.every(({ reason }) => reason) ? "No engine answered." : "Nothing was found. Try other or fewer words, or another licence.";
  return preview.pages.every(({ reason }) => reason) ? "Nothing could be read." : "No images were found on it. They may be on pages that it links to, or put in by scripts, which are not run.";
}

/** What each page holds, or why it is not read. */
function showPages({ preview, phase }) {
  if (phase === "idle" || phase === "failed" || !preview?.pages.length) return null;
  return h(
    "ul",
    { class: "preview-facts" },
    preview.pages.map((page) =>
      h(
        "li",
        { class: page.reason && !page.images && "warn" },
        icon(page.reason && !page.images ? "alert" : "check", 15),
        h(
          "div",
          {},
          h("strong", {}, page.title || shorten(page.url)),
          h("p", { class: "quiet", title: page.detail }, page.reason && !page.images ? `${explainReason(page.reason).text}.` : [amount(page.images, "image"), page.links > 0 && amount(page.links, "link"), page.further_pages > 0 && `${amount(page.further_pages, "page")} to read next`].filter(Boolean).join(" · ")),
        ),
      ),
    ),
  );
}

/** Which engines gave nothing, and why. */
function showSearches({ preview, phase }) {
  if (phase === "idle" || phase === "failed" || !preview) return null;
  const silent = preview.searches.filter(({ reason, found }) => reason || !found);
  if (!silent.length || !preview.candidates.length) return silent.some(({ reason }) => reason) && facts(silent.filter(({ reason }) => reason).map(describeSearch));
  return facts(silent.map(describeSearch));
}

const facts = (lines) => h("ul", { class: "preview-facts" }, [...new Set(lines)].map((line) => h("li", { class: "warn" }, icon("alert", 15), h("div", {}, line))));

function describeSearch({ engine, keyword, reason, detail }) {
  if (!reason) return `${nameEngine(engine)} knows nothing for “${keyword}”.`;
  const known = { rate_limited: "has had enough for now", key_refused: "refuses its key", busy: "is busy" }[reason];
  return known ? `${nameEngine(engine)} ${known}.` : `${detail}.`;
}

function showPictures({ preview, phase }) {
  if (phase === "idle" || phase === "failed") return null;
  if (!preview) return h("ul", { class: "preview-pictures", "aria-hidden": "true" }, Array.from({ length: SHOWN }, () => h("li", { class: "preview-place" })));
  if (!preview.candidates.length) return null;
  return [
    h("ul", { class: ["preview-pictures", phase === "busy" && "old"], "aria-label": "First pictures" }, preview.candidates.map(showCandidate)),
    licences(preview.candidates),
  ];
}

function showCandidate(image) {
  const name = image.caption || image.label || shorten(image.url);
  const size = image.width && image.height ? `${count(image.width)} × ${count(image.height)}` : null;
  const about = [name, size, image.engine && nameEngine(image.engine), image.license && nameLicence(image.license), image.attribution, image.reason ? explainReason(image.reason).text : image.detail].filter(Boolean).join("\n");
  const target = /^https?:/i.test(image.source_page ?? image.url) ? (image.source_page ?? image.url) : null;
  const shown = image.thumbnail
    ? h("img", { src: image.thumbnail, alt: name, decoding: "async" })
    : h("span", { class: "preview-none" }, icon(image.reason ? "alert" : "image", 18), h("span", {}, image.reason ? explainReason(image.reason).text : "Not shown"));
  const inside = [shown, size && image.thumbnail && h("span", { class: "preview-size", "aria-hidden": "true" }, size)];
  return h("li", { class: image.reason && "refused", title: about }, target ? h("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, inside) : inside);
}

/** Under which licences they stand, the commonest first. */
function licences(candidates) {
  const numbers = new Map();
  for (const { license } of candidates) if (license) numbers.set(nameLicence(license), (numbers.get(nameLicence(license)) ?? 0) + 1);
  const sorted = [...numbers].sort(([, one], [, other]) => other - one);
  return sorted.length > 0 && h("p", { class: "small quiet" }, `Licences: ${listSome(sorted.map(([name, number]) => `${name} (${count(number)})`), 4)}.`);
}

/** A licence for people: of the addresses of Creative Commons, the usual short names. */
function nameLicence(text) {
  const [, kind, code, version] = /creativecommons\.org\/(licenses|publicdomain)\/([a-z-]+)\/([\d.]+)/i.exec(text) ?? [];
  if (!kind) return shorten(text);
  if (code === "zero") return `CC0 ${version}`;
  return code === "mark" ? "Public Domain Mark" : `CC ${code.toUpperCase()} ${version}`;
}
