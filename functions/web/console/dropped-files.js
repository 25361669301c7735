// Files and folders that were dropped or chosen, as one flat list.

import { isClutter } from "./image-kinds.js";

/** The most files of one drop: more are better sent in several. */
export const MOST_FILES = 20_000;

/** Return `[{file, path}]` of what was dropped, folders included. Call it within the event. */
export async function readDrop(transfer) {
  // The list is emptied when the event is over, so everything is taken from it at once.
  const roots = [...transfer.items]
    .filter((item) => item.kind === "file")
    .map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const found = [];
  for (const root of roots) {
    if (root instanceof File) add(found, root, root.name);
    else if (root) await walk(root, found);
  }
  return found;
}

/** Return the same of an `<input type="file">`, with or without `webkitdirectory`. */
export function readInput(input) {
  const found = [];
  for (const file of input.files) add(found, file, file.webkitRelativePath || file.name);
  return found;
}

async function walk(root, found) {
  const waiting = [root];
  while (waiting.length && found.length < MOST_FILES) {
    const entry = waiting.shift();
    try {
      if (entry.isFile) add(found, await ask(entry.file.bind(entry)), entry.fullPath.slice(1));
      else waiting.push(...(await listFolder(entry)));
    } catch {
      // A file that vanished or may not be read is not there.
    }
  }
}

async function listFolder(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const part = await ask(reader.readEntries.bind(reader)); // a hundred at a time
    if (!part.length) return entries;
    entries.push(...part);
  }
}

function add(found, file, path) {
  if (found.length < MOST_FILES && !path.split("/").some(isClutter)) found.push({ file, path });
}

const ask = (method) => new Promise((resolve, reject) => method(resolve, reject));

/** The name of the folder in which a file lies, or null. */
export const nameFolder = (path) => path.split("/").at(-2) ?? null;
