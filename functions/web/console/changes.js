// Changes to images, one after another, and the way back through all of them.

import { patch } from "./api.js";
import { amount } from "./format.js";
import { notify, notifyProblem } from "./notices.js";
import { signal } from "./signals.js";

const MOST_IDS = 10_000; // of one call
export const MOST_UNDONE = 20_000; // images of one change whose values before are remembered

/**
 * Make what changes images of a project. `list()` is the list that shows them. `settled({all})` is
 * called after every change, `gone(ids)` for images that were deleted elsewhere.
 */
export function makeChanges(project, { list, settled, gone }) {
  const past = signal([]);
  const progress = signal(null); // {text, share}: a change of many images that is under way
  let last = Promise.resolve();

  const inTurn = (work) => (last = last.then(work, work));

  /** Change images, whose values before are in `images`, and offer to undo it. */
  function apply(images, set, text, { quiet = false } = {}) {
    const change = { before: images.map((image) => [image.id, pick(image, set)]), text };
    list().edit(change.before.map(([id]) => [id, toValues(set)]));
    past.update((all) => [...all, change]); // at once: who undoes it need not wait for it
    return inTurn(async () => {
      try {
        await send(change.before.map(([id]) => id), set, text);
        if (!quiet && past.peek().includes(change)) change.close = notify(`${text}.`, { action: { label: "Undo", run: () => undo(change) } });
      } catch (error) {
        past.update((all) => all.filter((one) => one !== change));
        list().edit(change.before);
        notifyProblem(error);
      } finally {
        progress.set(null);
        settled();
      }
    });
  }

  /** Change all images that pass filters: too many to remember what each was before. */
  function applyToAll(filters, set, text, total) {
    return inTurn(async () => {
      try {
        let changed = 0;
        for (const filter of splitFilters(filters, set)) {
          for (let remaining = true; remaining; ) {
            const answer = await patch(`/v1/projects/${project}/images`, { filter, set });
            changed += answer.changed;
            remaining = answer.remaining && answer.changed > 0;
            progress.set({ text, share: changed / total });
          }
        }
        notify(`${text}: ${amount(changed, "image")} changed.`);
      } catch (error) {
        notifyProblem(error);
      } finally {
        progress.set(null);
        settled({ all: true });
      }
    });
  }

  async function send(ids, set, text) {
    for (let from = 0; from < ids.length; from += MOST_IDS) {
      let part = ids.slice(from, from + MOST_IDS);
      for (let remaining = true; remaining && part.length; ) {
        try {
          ({ remaining } = await patch(`/v1/projects/${project}/images`, { image_ids: part, set }));
        } catch (error) {
          const lost = findLost(error, part);
          if (!lost.size) throw error;
          part = part.filter((id) => !lost.has(id));
          gone([...lost]);
        }
        if (ids.length > 1000) progress.set({ text, share: Math.min(1, (from + part.length) / ids.length) });
      }
    }
  }

  /** Take back a change, or else the latest. */
  function undo(change = past.peek().at(-1)) {
    if (!change || !past.peek().includes(change)) return Promise.resolve();
    past.update((all) => all.filter((one) => one !== change));
    change.close?.();
    list().edit(change.before);
    return inTurn(async () => {
      try {
        for (const [set, ids] of groupByValues(change.before)) await send(ids, set, "Undoing");
        notify(`Undone: ${change.text}.`);
      } catch (error) {
        notifyProblem(error);
      } finally {
        progress.set(null);
        settled();
      }
    });
  }

  return { apply, applyToAll, undo, progress, canUndo: () => past().length > 0 };
}

/** Return the values that a change touches, as they are. */
function pick(image, set) {
  const values = {};
  for (const name of Object.keys(toValues(set))) values[name] = image[name] ?? (name === "rejected" ? false : null);
  return values;
}

function toValues(set) {
  return "rejected" in set ? { reject_reason: null, ...set } : set;
}

/** Return `[change, ids]` for all images that are to have the same values. */
function groupByValues(before) {
  const groups = new Map();
  for (const [id, values] of before) {
    const set = values.rejected === false ? { ...values, reject_reason: undefined } : values;
    const key = JSON.stringify(set);
    if (!groups.has(key)) groups.set(key, [JSON.parse(key), []]);
    groups.get(key)[1].push(id);
  }
  return groups.values();
}

/** Return the ids that the server says are none of the project's images: deleted meanwhile. */
function findLost(error, ids) {
  const lost = new Set();
  for (const pointer of error.fields?.keys() ?? []) {
    const found = /^\/image_ids\/(\d+)$/.exec(pointer);
    if (found) lost.add(ids[Number(found[1])]);
  }
  return lost;
}

/** Return filters that together choose the same images, each with the filter that the API wants. */
function splitFilters(filters, set) {
  if ("rejected" in set && filters.rejected === undefined) return [{ ...filters, rejected: !set.rejected }];
  if (Object.keys(filters).length) return [filters];
  return [{ rejected: false }, { rejected: true }];
}
