// The parts that views are put together of: heads, empty states, badges, bars, tables.

import { h } from "./dom.js";
import { amount, count, percent, words } from "./format.js";
import { icon } from "./icons.js";
import { link } from "./router.js";

/** The head of a view: where it is (`crumbs`: `[text, path]`), its title, and what can be done. */
export function pageHead({ title, crumbs = [], actions = [], about = null }) {
  return h(
    "header",
    { class: "page-head" },
    crumbs.length > 0 &&
      h(
        "nav",
        { class: "crumbs", "aria-label": "You are here" },
        crumbs.map(([text, path], at) => [at > 0 && icon("chevron", 14), h("a", { href: link(path), title: text }, text)]),
      ),
    h(
      "div",
      { class: "page-title" },
      h("h1", { tabindex: "-1", title: typeof title === "string" ? title : null }, title),
      h("div", { class: "page-actions" }, actions),
    ),
    about && h("div", { class: "page-about" }, about),
  );
}

/** A link that looks like a button. */
export function linkButton(label, path, { kind = "plain", icon: drawing, query } = {}) {
  return h("a", { class: ["button", kind], href: link(path, query) }, drawing && icon(drawing), h("span", {}, label));
}

/** What stands where there is nothing yet, and what to do next. */
export function emptyState({ icon: drawing = "image", title, text, action = null }) {
  return h("div", { class: "empty" }, h("div", { class: "empty-icon" }, icon(drawing, 28)), h("h2", {}, title), h("p", {}, text), action);
}

const TONES = {
  completed: "good", active: "good", success: "good", valid: "good",
  running: "busy", pending: "busy", processing: "busy",
  failed: "bad", invalid: "bad", rejected: "bad", expired: "warn",
  cancelled: "warn", duplicate: "warn", archived: "quiet", deprecated: "warn",
};

/** A state in a word, with a dot of its colour. */
export function badge(state, text = words(state)) {
  return h("span", { class: ["badge", TONES[state] ?? "quiet"] }, text);
}

/** A bar of progress from 0 to 100; `label` says of what. */
export function progressBar(value, label) {
  return h(
    "div",
    { class: "progress", role: "progressbar", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": () => Math.round(read(value) ?? 0) },
    h("div", { class: "progress-fill", style: () => ({ width: `${Math.min(100, Math.max(0, read(value) ?? 0))}%` }) }),
  );
}

/** A number with its name; `tone` colours it. */
export function stat(name, value, { tone = null, hint = null } = {}) {
  return h("div", { class: ["stat", tone], title: hint }, h("dt", {}, name), h("dd", {}, value));
}

/** A list of shares as bars: `rows` of `{name, value, tone?, more?}`, largest first. */
export function shareBars(rows, { total = null, one = "image", onpick = null } = {}) {
  const most = Math.max(1, ...rows.map((row) => row.value));
  const sum = total ?? rows.reduce((all, row) => all + row.value, 0);
  return h(
    "ul",
    { class: "shares" },
    rows.map((row) =>
      h(
        "li",
        { class: row.tone },
        onpick
          ? h("button", { type: "button", class: "share-name link", onclick: () => onpick(row) }, row.name)
          : h("span", { class: "share-name", title: row.name }, row.name),
        h("span", { class: "share-track" }, h("span", { class: "share-fill", style: { width: `${(100 * row.value) / most}%` } })),
        h("span", { class: "share-value", title: `${amount(row.value, one)}, ${percent(row.value / (sum || 1))}` }, count(row.value)),
        row.more && h("div", { class: "share-more" }, row.more),
      ),
    ),
  );
}

const styleOf = ({ number, minor }) => [number && "number", minor && "minor"];

/** A table: `columns` of `{name, cell(row), number?, minor?}`; minor ones are left out on a phone. Rows with a path are links as a whole. */
export function table({ columns, rows, path = null, caption }) {
  return h(
    "div",
    { class: "table-box", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "visually-hidden" }, caption),
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", class: styleOf(column) }, column.name || h("span", { class: "visually-hidden" }, "Actions"))))),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            { class: path?.(row) && "linked" },
            columns.map((column, at) =>
              h("td", { class: styleOf(column) }, at === 0 && path?.(row) ? h("a", { class: "row-link", href: link(path(row)) }, column.cell(row)) : column.cell(row)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A box with a heading. */
export function card(title, ...children) {
  return h("section", { class: "card" }, title && h("h2", { class: "card-title" }, title), children);
}

function read(value) {
  return typeof value === "function" ? value() : value;
}
