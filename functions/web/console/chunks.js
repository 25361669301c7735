// The chunks of a crawl, up to ten thousand, with as few questions as will do.

import { get } from "./api.js";
import { signal } from "./signals.js";

const PAGE = 200;
const LEAST = 1_000; // milliseconds between questions
const SHARE = 5; // as many times as long as the last answer took is nothing asked

/** Make a list of a crawl's chunks in their order, that is brought up to date on demand. */
export function readChunks(path, left) {
  const chunks = signal([]);
  const known = new Map();
  let pages = []; // {cursor, ids}: a page of a list that nothing was added to stays the same
  let took = 0;
  let total = -1;

  const read = async (cursor) => {
    const page = await get(`${path}/chunks`, { limit: PAGE, cursor }, left);
    for (const chunk of page.items) known.set(chunk.id, chunk);
    return [{ cursor, ids: page.items.map(({ id }) => id) }, page.next_cursor];
  };
  const readAll = async () => {
    const found = [];
    let cursor = null;
    do {
      const [page, next] = await read(cursor);
      found.push(page);
      cursor = next;
    } while (cursor);
    pages = found;
  };
  const isOpen = ({ ids }) => ids.some((id) => ["pending", "running"].includes(known.get(id).status));

  return {
    chunks,
    /** Ask for those that may have changed; for all where there are more than before. */
    async refresh(job) {
      const begun = performance.now();
      if (job.total_chunks !== total || job.status === "pending") await readAll();
      else for (const page of pages.filter(isOpen)) await read(page.cursor);
      total = job.total_chunks;
      took = performance.now() - begun;
      chunks.set([...known.values()].sort((a, b) => a.position - b.position));
    },
    /** Milliseconds until it is worth while to ask again. */
    interval: () => Math.max(LEAST, SHARE * took),
    /** Ask for all of them next time: they were begun anew. */
    forget: () => (total = -1),
  };
}
