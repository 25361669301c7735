// A table file before it is sent: its first rows, and which column holds what.

import { h } from "./dom.js";
import { amount, bytes, count } from "./format.js";
import { field, textField } from "./forms.js";
import { icon } from "./icons.js";
import { assignColumn, FIELDS, guessColumns, nameColumns } from "./table-columns.js";
import { readTableHead } from "./tables.js";
import { signal } from "./signals.js";

const MAX_BYTES = 1024 ** 3;

/** Make the choice of a table file with its preview: `{element, file, choose, readColumns}`. */
export function manifestPreview() {
  const file = signal(null);
  const head = signal(null); // what was read of it, or {problem}
  const places = signal({});
  const look = async (chosen) => {
    file.set(chosen);
    head.set(null);
    places.set({});
    if (!chosen) return;
    const found = await readHead(chosen);
    if (file.peek() !== chosen) return;
    places.set(found.names && found.kind !== "txt" ? guessColumns(found.names) : {});
    head.set(found);
  };
  const picker = filePicker(file, look);
  return {
    element: h("div", { class: "form" }, picker.element, () => head() && preview(head(), file.peek(), places)),
    file,
    choose: picker.choose,
    problem: () => findProblem(head.peek(), places.peek()),
    readColumns: (data) => (head.peek()?.names ? (head.peek().kind === "txt" ? {} : nameColumns(head.peek().names, places.peek())) : readNames(data)),
  };
}

async function readHead(file) {
  if (file.size > MAX_BYTES) return { problem: `The file has ${bytes(file.size)}; 1 GiB is the most. Cut it in parts.` };
  try {
    return await readTableHead(file);
  } catch (error) {
    return { problem: error.message };
  }
}

function findProblem(head, places) {
  if (head?.problem) return head.problem;
  if (head?.names && head.kind !== "txt" && places.url === undefined) return "Say above which column holds the addresses of the images.";
  return null;
}

function filePicker(file, look) {
  let input;
  const element = field({
    label: "Table",
    name: "table",
    pointer: "/file_name",
    hint: "CSV, TSV, JSON Lines, Parquet, or text with one address a line; packed with gzip or Zstandard if you like. You can drop it anywhere here.",
    make: (given) => (input = h("input", { type: "file", required: true, accept: ".csv,.tsv,.tab,.txt,.jsonl,.ndjson,.parquet,.gz,.zst,text/csv", ...given, onchange: () => look(input.files[0] ?? null) })),
  });
  return {
    element,
    /** Take a file that was dropped. */
    choose(chosen) {
      const transfer = new DataTransfer();
      transfer.items.add(chosen);
      input.files = transfer.files;
      look(chosen);
    },
  };
}

function preview(head, file, places) {
  if (head.problem) return h("p", { class: "form-error", role: "alert" }, icon("alert"), h("span", {}, head.problem));
  if (!head.names) return unread(head, file);
  const exact = head.whole ? amount(head.estimate, "row") : head.estimate === null ? "Some rows" : `About ${count(roundRoughly(head.estimate))} rows`;
  return h(
    "section",
    { class: "table-preview", "aria-label": "Preview of the table" },
    h("p", { class: "small quiet" }, `${exact}, ${bytes(file.size)}. `, head.kind === "txt" ? "One address a line." : "Say what each column holds; all others are kept as metadata."),
    () => head.kind !== "txt" && places().url === undefined && h("p", { class: "form-error", role: "alert" }, icon("alert"), h("span", {}, "Which column holds the addresses of the images? Choose “Address” above it.")),
    h(
      "div",
      { class: "table-box", tabindex: "0", role: "region", "aria-label": "First rows" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, head.names.map((name, at) => h("th", { scope: "col", class: () => isUsed(places(), at, head.kind) && "used" }, h("span", { class: "column-name" }, name || `(column ${at + 1})`), head.kind !== "txt" && columnChoice(name, at, places))))),
        h("tbody", {}, head.rows.map((row) => h("tr", {}, row.map((value, at) => h("td", { class: () => isUsed(places(), at, head.kind) && "used" }, h("span", { class: "cell", title: value }, value)))))),
      ),
    ),
    () => places().phash !== undefined && h("p", { class: "small quiet" }, "An image passes where its perceptual hash differs in at most 8 of 64 bits from that of the table."),
  );
}

const isUsed = (places, at, kind) => kind === "txt" || Object.values(places).includes(at);

function columnChoice(name, at, places) {
  const current = () => Object.entries(places()).find(([, place]) => place === at)?.[0] ?? "";
  return h(
    "select",
    { "aria-label": `What ${name || `column ${at + 1}`} holds`, onchange: (event) => places.update((now) => assignColumn(now, at, event.target.value)) },
    h("option", { value: "", selected: () => current() === "" }, "Metadata"),
    FIELDS.map(([field, text]) => h("option", { value: field, selected: () => current() === field }, text)),
  );
}

/** The names of columns of a file that the server alone can read. */
function unread(head, file) {
  const text = head.kind === "parquet" ? "Parquet is read when it has arrived." : "This file is unpacked when it has arrived.";
  return h(
    "div",
    { class: "form" },
    h("p", { class: "small quiet" }, `${bytes(file.size)}. ${text} Columns with usual names (url, label, caption, license …) are found by themselves; name others here.`),
    columnNames(),
  );
}

/** Fields for the names of columns. */
export function columnNames(prefix = "column") {
  return h(
    "div",
    { class: "columns" },
    FIELDS.slice(0, 4).map(([name, text]) => textField({ label: `${text}: column`, name: `${prefix}_${name}`, pointer: `/columns/${name}`, optional: true, maxlength: 200 })),
  );
}

/** Read these fields as the request's `columns`. */
export function readNames(data, prefix = "column") {
  return Object.fromEntries(FIELDS.filter(([name]) => data[`${prefix}_${name}`]).map(([name]) => [name, data[`${prefix}_${name}`]]));
}

const roundRoughly = (number) => (number < 100 ? number : Number(number.toPrecision(2)));
