// The first rows of a table file, read in the browser: what the server reads whole, as far as it goes.

const HEAD = 64 * 1024; // bytes
const ROWS = 8;
const MOST_COLUMNS = 256;
const MOST_TEXT = 300; // characters of one value that are shown
const PACKING = /\.(gz|gzip|zst|zstd)$/;
const DELIMITERS = [",", ";", "\t", "|"];

/**
 * Read the beginning of a file. Returns `{kind, names, rows, estimate}`: the kind is csv, tsv, jsonl,
 * txt or parquet, and `estimate` how many rows there may be (null: not to be told). Of Parquet, and
 * of what cannot be unpacked here, `names` is null. Throws an Error with a sentence for a file that
 * is none of these.
 */
export async function readTableHead(file) {
  const start = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  if (!start.length) throw new Error("There is nothing in this file.");
  const packing = findPacking(start);
  const bytes = packing ? await unpack(file, packing) : start;
  if (bytes === null) return { kind: "packed", names: null, rows: [], estimate: null };
  if (beginsWith(bytes, "PAR1")) return { kind: "parquet", names: null, rows: [], estimate: null };
  const text = decode(bytes);
  const whole = !packing && file.size <= HEAD;
  const table = parse(findKind(text, file.name), whole ? text : cutLastLine(text));
  const used = table.length;
  const estimate = packing ? null : whole ? table.count : Math.round((table.count * file.size) / Math.max(1, used));
  return { ...table, estimate, whole };
}

function findPacking(bytes) {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip";
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd) return "zstd";
  return null;
}

/** Return the first bytes of what is packed, or null where the browser cannot unpack it. */
async function unpack(file, packing) {
  let unpacker;
  try {
    unpacker = new DecompressionStream(packing);
  } catch {
    return null;
  }
  const parts = [];
  let length = 0;
  const reader = file.slice(0, HEAD).stream().pipeThrough(unpacker).getReader();
  try {
    while (length < HEAD) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
  } catch {
    // It breaks off where the slice ends.
  }
  reader.cancel().catch(() => {});
  if (!length) throw new Error("This file is damaged: it cannot be unpacked.");
  return new Uint8Array(await new Blob(parts).slice(0, HEAD).arrayBuffer());
}

const beginsWith = (bytes, text) => [...text].every((character, at) => bytes[at] === character.charCodeAt(0));

function decode(bytes) {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function findKind(text, name) {
  const start = text.trimStart();
  if (!start) throw new Error("There is nothing in this file.");
  if (text.split("\n", 1)[0].includes("\0")) throw new Error("This file is no text, and not Parquet.");
  if (start.startsWith("[")) throw new Error("This is a list of JSON. Write one object a line (JSON Lines).");
  if (start.startsWith("{")) return "jsonl";
  const suffix = name.toLowerCase().replace(PACKING, "").split(".").at(-1);
  const kind = { ndjson: "jsonl", tab: "tsv" }[suffix] ?? suffix;
  if (["csv", "tsv", "jsonl", "txt"].includes(kind)) return kind;
  return /^https?:\/\//i.test(start) ? "txt" : "csv";
}

/** Leave out the line that the end of the head cuts through. */
function cutLastLine(text) {
  const end = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
  return end > 0 ? text.slice(0, end + 1) : text;
}

function parse(kind, text) {
  if (kind === "jsonl") return parseObjects(text);
  if (kind === "txt") return parseAddresses(text);
  return parseSeparated(text, kind);
}

function parseAddresses(text) {
  const lines = splitLines(text).map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
  return { kind: "txt", names: ["Address"], rows: lines.slice(0, ROWS).map((line) => [shortenValue(line)]), count: lines.length, length: text.length };
}

function parseObjects(text) {
  const lines = splitLines(text).filter((line) => line.trim());
  const records = lines.slice(0, 100).map(parseObject).filter(Boolean);
  if (!records.length) throw new Error("No line of this file is an object of JSON.");
  const names = [...new Set(records.flatMap(Object.keys))].slice(0, MOST_COLUMNS);
  const rows = records.slice(0, ROWS).map((record) => names.map((name) => shortenValue(showValue(record[name]))));
  return { kind: "jsonl", names, rows, count: lines.length, length: text.length };
}

function parseObject(line) {
  try {
    const value = JSON.parse(line);
    return value && typeof value === "object" && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

const showValue = (value) => (value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value));

function parseSeparated(given, kind) {
  const declared = /^sep=(.)\r?\n/.exec(given);
  const text = declared ? given.slice(declared[0].length) : given;
  const header = splitLines(text).find((line) => line.trim()) ?? "";
  const delimiter = declared?.[1] ?? (kind === "tsv" ? "\t" : guessDelimiter(header));
  const records = splitRecords(text, delimiter);
  const names = records.shift()?.slice(0, MOST_COLUMNS) ?? [];
  const rows = records.slice(0, ROWS).map((record) => names.map((_, at) => shortenValue(record[at] ?? "")));
  return { kind, names, rows, count: records.length, length: given.length };
}

function guessDelimiter(header) {
  const plain = header.replace(/"[^"]*"/g, "");
  return DELIMITERS.find((one) => plain.includes(one)) ?? ",";
}

/** Split separated values into records of fields, as RFC 4180 writes them; blank lines are none. */
export function splitRecords(text, delimiter) {
  const records = [];
  let [record, field, quoted, begun] = [[], "", false, false];
  const endField = () => {
    record.push(field);
    [field, begun] = ["", false];
  };
  const endRecord = () => {
    endField();
    if (record.length > 1 || record[0].trim()) records.push(record);
    record = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[at + 1] === '"') field += text[(at += 1)];
      else quoted = false;
    } else if (character === '"' && !begun) {
      [quoted, begun] = [true, true];
    } else if (character === delimiter) {
      endField();
    } else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[at + 1] === "\n") at += 1;
      endRecord();
    } else {
      field += character;
      begun = true;
    }
  }
  if (field || record.length) endRecord();
  return records;
}

const splitLines = (text) => text.split(/\r\n|\n|\r/);
const shortenValue = (text) => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);
