// Which images are chosen: some by their ids, or all that pass the filters but for some.

import { signal } from "./signals.js";

const NONE = { all: false, ids: new Set() };

/** Make a selection; `total()` is the number of images that pass the filters. */
export function makeSelection(total) {
  const state = signal(NONE);
  const has = (id) => state().ids.has(id) !== state().all;
  const change = (work) => {
    const ids = new Set(state.peek().ids);
    work(ids);
    state.set({ all: state.peek().all, ids });
  };
  return {
    has,
    /** The number of chosen images. */
    size: () => (state().all ? (total() ?? 0) - state().ids.size : state().ids.size),
    isAll: () => state().all,
    ids: () => state.peek().ids,
    clear: () => state.set(NONE),
    all: () => state.set({ all: true, ids: new Set() }),
    only: (ids) => state.set({ all: false, ids: new Set(ids) }),
    toggle: (id) => change((ids) => ids.delete(id) || ids.add(id)),
    add: (more) => change((ids) => more.forEach((id) => (state.peek().all ? ids.delete(id) : ids.add(id)))),
    remove: (id) => has(id) && change((ids) => (state.peek().all ? ids.add(id) : ids.delete(id))),
  };
}
