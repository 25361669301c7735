// What there is to filter by, with how many images each choice would leave.

import { get } from "./api.js";
import { h, makeId } from "./dom.js";
import { count, nameLicence } from "./format.js";
import { choiceField, form, textField } from "./forms.js";
import { icon } from "./icons.js";
import { clearFilters, hasFilters, toggleFilter } from "./filters.js";
import { explainReason } from "./reasons.js";
import { address, setQuery } from "./router.js";
import { signal } from "./signals.js";

const FEW = 8; // choices of a group that are shown at once

const GROUPS = [
  ["label", "Label"],
  ["state", "State"],
  ["format", "Format"],
  ["license", "Licence"],
  ["host", "Host"],
  ["reason", "Why it failed"],
];
// What says a value of a group, where the value itself does not.
const WORDINGS = { format: (value) => value.toUpperCase(), license: nameLicence, reason: (value) => explainReason(value).text };
const MEASURES = [
  ["width", "Width", "px", 1],
  ["height", "Height", "px", 1],
  ["bytes", "Size", "bytes", 1],
  ["sharpness", "Sharpness", "0 is flat", "any"],
  ["brightness", "Brightness", "0 to 1", "any"],
  ["uniformity", "Uniformity", "0 to 1", "any"],
];
const STATES = [
  ["valid", "true", "Valid"],
  ["valid", "false", "Not valid"],
  ["duplicate", "false", "No duplicates"],
  ["duplicate", "true", "Duplicates"],
  ["rejected", "false", "Not rejected"],
  ["rejected", "true", "Rejected"],
  ["status", "processing", "Processing"],
  ["status", "failed", "Failed"],
];

/** Make the panel; `facets()` are the counts (null while they come), `versions` what loads versions. */
export function facetPanel({ facets, project, left }) {
  return h(
    "div",
    { class: "facets" },
    h("div", { class: "facets-head" }, h("h2", {}, "Filters"), () => hasFilters(address().query) && h("button", { type: "button", class: "link small", onclick: clearFilters }, "Clear all")),
    GROUPS.map(([name, title]) => facetGroup(name, title, facets)),
    disclosure("Size and quality", [form({ fields: MEASURES.map(measureFields), submit: "Apply", kind: "plain", class: "measures", send: applyMeasures })], hasMeasures()),
    versionGroup(project, left),
    disclosure("Analysis result", [analysisForm()], Boolean(address.peek().query.analyzer || address.peek().query.analysis_label)),
  );
}

function disclosure(title, content, open = false) {
  return h("details", { class: "facet", open }, h("summary", {}, icon("chevron", 14), h("h3", {}, title)), h("div", { class: "facet-body" }, content));
}

function facetGroup(name, title, facets) {
  const all = signal(false);
  const wanted = signal("");
  return () => {
    const rows = listRows(name, facets(), address().query);
    if (!rows.length && name !== "label") return null;
    const found = rows.filter((row) => row.text.toLowerCase().includes(wanted().toLowerCase()));
    const shown = all() ? found : found.filter((row, at) => at < FEW || row.on);
    return h(
      "details",
      { class: "facet", open: true },
      h("summary", {}, icon("chevron", 14), h("h3", {}, title)),
      h(
        "div",
        { class: "facet-body" },
        rows.length === 0 && h("p", { class: "quiet small" }, facets() ? "No image has one." : "Counting…"),
        h("ul", { class: "facet-rows" }, shown.map(facetRow)),
        found.length > FEW && h("button", { type: "button", class: "link small", "aria-expanded": String(all()), onclick: () => all.update((now) => !now) }, all() ? "Show fewer" : `Show all ${count(found.length)}`),
      ),
    );
  };
}

function facetRow({ text, number, on, pick, empty }) {
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: ["facet-row", empty && "none"], "aria-pressed": String(on), title: text, onclick: pick },
      h("span", { class: "facet-tick", "aria-hidden": "true" }, on && icon("check", 12)),
      h("span", { class: "facet-name" }, text),
      h("span", { class: "facet-count" }, number === null ? "" : count(number)),
    ),
  );
}

/** Return the rows of a group: what each says, counts and does. */
function listRows(name, facets, query) {
  if (name === "state") return listStates(facets, query);
  const values = facets?.[name] ?? [];
  const rows = values
    .filter(({ value }) => value !== null)
    .map(({ value, count: number }) => ({
      text: WORDINGS[name]?.(value) ?? value,
      number,
      on: query[name] === value,
      pick: () => toggleFilter(name, value, name === "label" ? { unlabelled: null } : {}),
    }));
  if (query[name] !== undefined && !rows.some((row) => row.on)) {
    rows.unshift({ text: WORDINGS[name]?.(query[name]) ?? query[name], number: facets ? 0 : null, on: true, pick: () => toggleFilter(name, query[name]) });
  }
  const without = values.find(({ value }) => value === null);
  if (name === "label" && (without || query.unlabelled)) {
    rows.unshift({ text: "No label", empty: true, number: without?.count ?? 0, on: query.unlabelled === "true", pick: () => toggleFilter("unlabelled", true, { label: null }) });
  }
  return rows;
}

function listStates(facets, query) {
  return STATES.map(([name, value, text]) => {
    const number = facets?.[name]?.find((one) => String(one.value) === value)?.count ?? (facets ? 0 : null);
    return { text, number, on: query[name] === value, pick: () => toggleFilter(name, value) };
  }).filter((row) => row.number || row.on);
}

function measureFields([name, title, unit, step]) {
  const id = makeId(name);
  const { query } = address.peek();
  const limit = (side, text) =>
    h("input", { type: "number", name: `${side}_${name}`, min: 0, step, inputmode: "decimal", placeholder: text, value: query[`${side}_${name}`] ?? "", "aria-label": `${title}, ${side === "min" ? "at least" : "at most"}` });
  return h("div", { class: "measure", role: "group", "aria-labelledby": id }, h("span", { id }, title, " ", h("span", { class: "quiet small" }, unit)), limit("min", "from"), limit("max", "to"));
}

const limitNames = () => MEASURES.flatMap(([name]) => [`min_${name}`, `max_${name}`]);
const hasMeasures = () => limitNames().some((name) => address.peek().query[name]);

async function applyMeasures(data) {
  setQuery({ similar: null, ...Object.fromEntries(limitNames().map((name) => [name, data[name] ?? null])) });
}

function analysisForm() {
  const { query } = address.peek();
  return form({
    class: "small-form",
    kind: "plain",
    submit: "Apply",
    fields: [
      textField({ label: "Result", name: "analysis_label", optional: true, value: query.analysis_label ?? "", maxlength: 255, hint: "A label that the latest analysis gave." }),
      textField({ label: "Analyzer", name: "analyzer", optional: true, value: query.analyzer ?? "", maxlength: 100, hint: "basic, gemini or model:ID; empty for any." }),
    ],
    send: async (data) => setQuery({ similar: null, analysis_label: data.analysis_label ?? null, analyzer: data.analyzer ?? null }),
  });
}

/** Make the choice of a version; versions are asked for when it is opened. */
function versionGroup(project, left) {
  const versions = signal(null);
  const group = disclosure("Version and split", versionFields(versions), Boolean(address.peek().query.version_id));
  const load = () => {
    get(`/v1/projects/${project}/versions`, { status: "completed", limit: 100 }, left).then(
      (page) => versions.set(page.items),
      () => versions.set([]), // the choice is then empty
    );
  };
  if (group.open) load();
  else group.addEventListener("toggle", load, { once: true });
  return group;
}

function versionFields(versions) {
  return () => {
    if (!versions()?.length) return h("p", { class: "quiet small" }, versions() ? "There is no version yet." : "Loading…");
    const { query } = address();
    const version = versions().find((one) => one.id === query.version_id);
    return h(
      "div",
      { class: "form" },
      choiceField({
        label: "Version",
        name: "version_id",
        value: query.version_id ?? "",
        options: [["", "Any"], ...versions().map((one) => [one.id, one.name])],
        onchange: (event) => setQuery({ similar: null, version_id: event.target.value, split: null }),
      }),
      version && Object.keys(version.splits).length > 0 &&
        choiceField({
          label: "Split",
          name: "split",
          value: query.split ?? "",
          options: [["", "All"], ...Object.entries(version.splits).map(([name, number]) => [name, `${name} (${count(number)})`])],
          onchange: (event) => setQuery({ split: event.target.value }),
        }),
    );
  };
}
