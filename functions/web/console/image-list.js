// The images of a project that pass its filters, by their place in the list, newest first. Pages
// load when somebody looks at them, wherever in the list that is.

import { get } from "./api.js";
import { signal } from "./signals.js";

export const PAGE = 100; // images
const TOGETHER = 2; // pages in one call where all are gone through
const MOST_PAGES = 120; // that are kept
const MOST_CALLS = 4; // at once
const FRESH = 10 * 60_000; // milliseconds for which the signed addresses of a page are relied upon
const CLOSEST = 10; // bits of 64 by which similar pictures may differ

/** Return where an image's thumbnail is: a signed address, or the way to one. */
export function thumbnailOf(image) {
  return image.thumbnail_url ?? (image.status === "completed" ? `/v1/images/${image.id}/content?variant=thumbnail` : null);
}

/** Ask for the first images of a list before it is made, by `ask(path, query, left)`. */
export function askFirst(ask, project, filters, left) {
  const first = ask(`/v1/projects/${project}/images`, { ...filters, thumbnails: true, limit: PAGE }, left);
  first.catch(() => {}); // whoever takes it hears of it
  return first;
}

/**
 * Make a list. `first` is the answer to `askFirst`, where that was asked. `filters` are those of the API; with `similar`, an image's id, the list is that image
 * and what looks like it. `tell(changed)` is called when images have come, or have changed.
 */
export function makeImageList(project, { filters = {}, similar = null, distance = null, first: asked = null, signal: left, tell }) {
  const path = `/v1/projects/${project}/images`;
  const count = signal(null); // of the images that are known; null: of none yet
  const counted = signal(false); // whether these are all
  const pages = new Map(); // number of a page → its images
  const times = new Map(); // and when it came
  const calls = new Map(); // and the promise of one that is on its way
  const places = new Map(); // id → place among all that were in the list at first
  const taken = []; // places of images that were taken out, in order
  let cursors = [null];
  let wanted = []; // pages that wait for their turn

  async function open() {
    if (similar) return openSimilar();
    const first = await loadPage(0); // seen before it is counted what follows
    count.set(first.length - taken.length);
    counted.set(first.length < PAGE);
    const found = await get(`${path}/anchors`, { ...filters, every: PAGE }, left);
    cursors = found.cursors;
    count.set(Math.max(found.count, first.length) - taken.length);
    counted.set(true);
  }

  async function openSimilar() {
    const [asked, near] = await Promise.all([
      get(`/v1/images/${similar}`, { thumbnails: true }, left),
      get(`/v1/images/${similar}/similar`, { max_distance: distance ?? CLOSEST, limit: 200 }, left),
    ]);
    [{ ...asked, distance: 0 }, ...near.items].forEach((image, at) => keep(Math.floor(at / PAGE), at % PAGE, image));
    for (const page of pages.keys()) times.set(page, Infinity);
    count.set(near.items.length + 1);
    counted.set(true);
  }

  function keep(page, at, image) {
    if (!pages.has(page)) pages.set(page, []);
    pages.get(page)[at] = image;
    places.set(image.id, page * PAGE + at);
  }

  /** Load a page; what was changed here meanwhile stays, its addresses become new. */
  function loadPage(page) {
    if (!calls.has(page)) {
      const call = readPage(page).then((items) => {
        const known = pages.get(page);
        if (known) renew(known, items);
        else items.forEach((image, at) => keep(page, at, image));
        if (!pages.has(page)) pages.set(page, []);
        times.set(page, Date.now());
        forget(page);
        tell(false);
        return items;
      });
      calls.set(page, call);
      const done = () => (calls.delete(page), serve());
      call.then(done, done);
    }
    return calls.get(page);
  }

  /** Read a page without keeping it. */
  async function readPage(page) {
    const given = page === 0 ? asked : null;
    asked = null;
    const found = await (given ?? get(path, { ...filters, thumbnails: true, limit: PAGE, cursor: cursors[page] }, left));
    if (found.next_cursor) cursors[page + 1] ??= found.next_cursor;
    return found.items;
  }

  function renew(known, items) {
    const fresh = new Map(items.map((image) => [image.id, image]));
    for (const image of known) {
      const other = fresh.get(image.id);
      if (other) image.thumbnail_url = other.thumbnail_url;
    }
  }

  /** Forget the pages farthest from one. The first stays: a call for it would bring newer images. */
  function forget(near) {
    if (pages.size <= MOST_PAGES) return;
    const far = [...pages.keys()].filter(Boolean).sort((one, other) => Math.abs(other - near) - Math.abs(one - near))[0];
    for (const image of pages.get(far)) places.delete(image.id);
    pages.delete(far);
    times.delete(far);
  }

  function serve() {
    while (wanted.length && calls.size < MOST_CALLS) {
      loadPage(wanted.shift()).catch((error) => {
        if (error.name !== "AbortError") throw error; // said to the person as what nobody else handles
      });
    }
  }

  /** Return the place of what stands at an index now. */
  function toPlace(index) {
    let place = index;
    for (const gone of taken) if (gone <= place) place += 1;
    return place;
  }

  function toIndex(place) {
    return place - taken.filter((gone) => gone < place).length;
  }

  const isKnown = (page) => page < cursors.length;
  const isFresh = (page) => pages.has(page) && Date.now() - times.get(page) < FRESH;
  const pagesOf = (from, to) => {
    const found = [];
    for (let page = Math.floor(toPlace(from) / PAGE); page <= Math.floor(toPlace(to) / PAGE); page += 1) if (isKnown(page)) found.push(page);
    return found;
  };

  return {
    count,
    counted,
    open,
    /** Return the image at an index, or undefined while it is not here. */
    at(index) {
      const place = toPlace(index);
      return pages.get(Math.floor(place / PAGE))?.[place % PAGE];
    },
    /** Return the index of an image, or -1. */
    indexOf(id) {
      return places.has(id) ? toIndex(places.get(id)) : -1;
    },
    find(id) {
      const place = places.get(id);
      return place === undefined ? undefined : pages.get(Math.floor(place / PAGE))[place % PAGE];
    },
    /** Ask for what is looked at now, and for nothing that was asked for before and is not any more. */
    want(from, to) {
      wanted = pagesOf(from, to).filter((page) => !isFresh(page) && !calls.has(page));
      serve();
    },
    /** Return the images from one index to another, once they are here. */
    async take(from, to) {
      await Promise.all(pagesOf(from, to).map((page) => pages.has(page) || loadPage(page)));
      const found = [];
      for (let index = from; index <= to; index += 1) found.push(this.at(index));
      return found.filter(Boolean);
    },
    /** Go through all images, some pages at a time. */
    async *all(progress = () => {}) {
      if (similar) return yield* pages.values();
      const starts = cursors.filter((_, page) => page % TOGETHER === 0);
      for (let at = 0; at < starts.length; at += MOST_CALLS) {
        const calls = starts.slice(at, at + MOST_CALLS).map((cursor) => get(path, { ...filters, limit: PAGE * TOGETHER, cursor }, left));
        for (const found of await Promise.all(calls)) yield found.items;
        progress(Math.min(1, (at + MOST_CALLS) / starts.length));
      }
    },
    /** Change images here, after the server has. */
    edit(changes) {
      for (const [id, values] of changes) Object.assign(this.find(id) ?? {}, values);
      tell(true);
    },
    /** Take an image out. */
    remove(id) {
      const place = places.get(id);
      if (place === undefined) return;
      places.delete(id);
      taken.splice(taken.filter((gone) => gone < place).length, 0, place);
      count.update((now) => now - 1);
      tell(true);
    },
  };
}
