// The images of a project: looked at, searched, labelled, rejected.

import { get, getEarly } from "./api.js";
import { actionBar, makeActions } from "./bulk.js";
import { makeChanges } from "./changes.js";
import { detailPanel } from "./detail.js";
import { h } from "./dom.js";
import { makeDropTarget } from "./drop-target.js";
import { facetPanel } from "./facets.js";
import { filterChips, hasFilters, nameList, readFilters } from "./filters.js";
import { amount, count } from "./format.js";
import { button } from "./forms.js";
import { makeKeys, showKeys } from "./gallery-keys.js";
import { brokenGallery, clampSize, countAll, emptyGallery, mediaQuery, NOTHING, openSheet, SIZES, watchProject } from "./gallery-parts.js";
import { makeGrid } from "./grid.js";
import { icon } from "./icons.js";
import { askFirst, makeImageList } from "./image-list.js";
import { linkButton } from "./layout.js";
import { notify, notifyProblem } from "./notices.js";
import { openPreview } from "./preview.js";
import { address, setQuery } from "./router.js";
import { makeSelection } from "./selection.js";
import { computed, effect, signal, untracked } from "./signals.js";

const MOST_CHOSEN = 10_000; // by a range
const CHANGED = ["label", "unlabelled", "rejected", "text"]; // filters that ask for what can be changed here

let prefetched = null; // what was asked for before it was known who asks

/** Ask for what the view begins with, while the page finds out who is signed in. */
export function prefetch({ project }, query) {
  prefetched = {
    name: `${project} ${nameList(query)}`,
    project: getEarly(`/v1/projects/${project}`),
    first: query.similar ? null : askFirst(getEarly, project, readFilters(query)),
  };
}

export default async function showGallery({ params, signal: left }) {
  const { query } = address.peek();
  const early = prefetched?.name === `${params.project} ${nameList(query)}` ? prefetched : null;
  prefetched = null;
  const again = query.similar || early ? null : askFirst(get, params.project, readFilters(query), left);
  const project = (await early?.project) ?? (await get(`/v1/projects/${params.project}`, {}, left));
  const first = again ?? ((await early?.first) && early.first);
  return {
    title: project.name,
    section: "images",
    project,
    class: "full gallery-page",
    body: () => gallery(project, { first, name: nameList(query) }, left),
  };
}

function gallery(project, early, left) {
  const { path: here } = address.peek();
  const query = signal(address.peek().query); // as long as this view is the one that is named
  effect(() => address().path === here && query.set(address().query));
  const filters = () => readFilters(query.peek());
  const list = signal(null);
  const facets = signal(null);
  const labels = signal([]); // of the whole project, the most used first: keys 1 to 9
  const failure = signal(null);
  const stale = signal(""); // why the list would be another one by now
  const revision = signal(0); // counts what happened to the images of the list
  const narrow = mediaQuery("(max-width: 900px)");
  const roomy = mediaQuery("(min-width: 1500px)"); // enough for filters, grid and panel
  const facetsOpen = signal(!matchMedia("(max-width: 1180px)").matches);
  const total = () => (list()?.counted() ? list().count() : null);
  const selection = makeSelection(total);
  const path = `/v1/projects/${project.id}/images`;

  /** Load the list that the address names, anew. */
  function load() {
    const { similar, distance } = query.peek();
    const next = makeImageList(project.id, {
      filters: filters(),
      similar,
      distance,
      first: early?.name === nameList(query.peek()) ? early.first : null,
      signal: left,
      tell: (changed) => (revision.update((now) => now + 1), grid.redraw(changed)),
    });
    early = null;
    selection.clear();
    stale.set("");
    failure.set(null);
    list.set(next);
    next.open().catch((error) => error.name === "AbortError" || next !== list.peek() || failure.set(error)).then(() => next === list.peek() && loadFacets()); // pictures first
  }

  let asked = 0;
  function loadFacets() {
    const turn = (asked += 1);
    const chosen = filters();
    get(`${path}/facets`, chosen, left).then(
      (found) => {
        if (turn === asked) facets.set(found);
        if (!labelled) loadLabels(Object.keys(chosen).length ? null : found).catch(() => {}); // the keys 1 to 9 then do nothing, and the legend says L
      },
      (error) => error.name === "AbortError" || (turn === asked && facets.set({})),
    );
  }

  let labelled = false; // whether the labels are known, or asked for
  async function loadLabels(known) {
    labelled = true;
    const found = known ?? (await get(`${path}/facets`, {}, left));
    labels.set((found.label ?? []).filter(({ value }) => value !== null).map(({ value }) => value));
  }

  const changes = makeChanges(project.id, {
    list: () => list.peek(),
    settled: ({ all = false } = {}) => {
      if (all) return load();
      if (CHANGED.some((one) => one in filters())) stale.set(changes.canUndo() ? "Some images have changed." : "");
      return loadFacets();
    },
    gone: (ids) => (ids.forEach(takeOut), notify(`${amount(ids.length, "image")} had been deleted elsewhere.`, { kind: "waiting" })),
  });
  const focusedImage = () => list.peek().at(grid.focused.peek());
  const actions = makeActions({ list: () => list.peek(), selection, changes, filters, meant: focusedImage, labels });
  const givenLabel = actions.label;
  actions.label = (name) => {
    if (name && !labels.peek().includes(name)) labels.update((all) => [...all, name]);
    return givenLabel(name);
  };

  function takeOut(id) {
    selection.remove(id);
    list.peek().remove(id);
    if (query.peek().image === id) closeDetail();
  }

  const open = (id, { replace = Boolean(query.peek().image) } = {}) => setQuery({ image: id }, { replace });
  function closeDetail() {
    if (!query.peek().image) return;
    setQuery({ image: null });
    grid.focus(grid.focused.peek());
  }
  const toggleDetail = () => (query.peek().image ? closeDetail() : focusedImage() && open(focusedImage().id));
  const similar = (id = focusedImage()?.id) => id && setQuery({ similar: id, distance: null, image: null });

  async function choose(from, to) {
    const [first, last] = [Math.min(from, to), Math.max(from, to)];
    if (last - first >= MOST_CHOSEN) return notify(`A range holds up to ${count(MOST_CHOSEN)} images; Ctrl+A chooses all.`, { kind: "waiting" });
    const images = await list.peek().take(first, last);
    actions.remember(images);
    selection.only(images.map((image) => image.id));
  }
  choose.toggle = (index) => {
    const image = list.peek().at(index);
    if (!image) return;
    actions.remember([image]);
    selection.toggle(image.id);
  };

  let anchor = 0; // where a range of clicks begins
  const toggle = (index, event) => {
    if (event.shiftKey) choose(anchor, index);
    else choose.toggle((anchor = index));
  };
  const pick = (index, event) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey) return toggle(index, event);
    anchor = index;
    const image = list.peek().at(index);
    if (image) open(image.id);
  };

  async function preview() {
    if (!total()) return;
    const started = grid.focused.peek();
    const ended = await openPreview({
      index: started,
      count: () => list.peek().count() ?? 0,
      revision,
      take: async (index) => (await list.peek().take(index, index))[0],
      onkey: (event, index) => (selection.clear(), grid.focus(index), keys(event)),
    });
    grid.focus(ended);
    if (query.peek().image && focusedImage()) open(focusedImage().id);
  }

  let searchField;
  const image = computed(() => query().image ?? null); // the one that is shown beside
  const grid = makeGrid({
    list: () => list() ?? NOTHING,
    selection,
    current: image,
    size: computed(() => clampSize(query().size)),
    whole: () => query().fit === "whole",
    onpick: pick,
    ontoggle: toggle,
    onkey: (event) => keys(event),
  });
  const keys = makeKeys({ grid, selection, actions, labels, count: () => list.peek().count(), choose, preview, toggleDetail, similar: () => similar(), search: () => searchField.focus(), close: closeDetail });

  // The list follows the address; the panel follows the focus while it is open.
  const name = computed(() => nameList(query()));
  effect(() => (name(), untracked(load)));
  effect(() => {
    const index = grid.focused();
    const shown = untracked(image);
    const now = shown && grid.hasFocus() && list.peek()?.at(index);
    if (now && now.id !== shown) queueMicrotask(() => open(now.id));
  });
  makeDropTarget(project);
  watchProject(project, left, () => list.peek(), stale);

  const step = (by) => {
    const at = list.peek().indexOf(query.peek().image);
    const to = Math.max(0, Math.min((list.peek().count() ?? 1) - 1, (at < 0 ? grid.focused.peek() : at) + by));
    list.peek().take(to, to).then(([found]) => {
      if (!found) return;
      grid.reveal(to);
      grid.focus(to, { quiet: true });
      open(found.id);
    }, notifyProblem);
  };
  const panel = detailPanel({
    shown: image,
    narrow,
    list: () => list.peek(),
    revision,
    step,
    position: () => (revision(), image() && total() !== null && list().indexOf(image()) >= 0 ? `${count(list().indexOf(image()) + 1)} of ${count(total())}` : ""),
    edit: (now, set, text) => changes.apply([now], set, text, { quiet: true }),
    lost: (id, { quiet = false } = {}) => {
      if (!quiet) notify("This image was deleted, in another tab perhaps. It is taken out here.", { kind: "waiting" });
      takeOut(id);
      if (query.peek().image === id) setQuery({ image: null });
    },
    close: closeDetail,
    labels,
    preview,
    similar,
    open: (id) => open(id, { replace: false }),
  });

  const bare = () => (total() ?? countAll(project)) === 0 && !hasFilters(query()); // there is nothing to look through
  const facetsShown = computed(() => !bare() && facetsOpen() && !narrow() && (roomy() || !image()));
  const showFacets = () => {
    if (narrow.peek()) return openSheet(() => facetPanel({ facets, project: project.id, left }), total);
    if (image.peek() && !roomy.peek()) setQuery({ image: null });
    return facetsOpen.set(!facetsShown.peek());
  };
  searchField = h("input", { type: "search", class: "search-input", placeholder: "Search", title: "Label, caption, file name or address", "aria-label": "Search", maxlength: 200, value: () => query().text ?? "", onchange: (event) => setQuery({ similar: null, text: event.target.value.trim() }), onkeydown: (event) => event.key === "Enter" && event.target.blur() });
  const staleNotice = () => stale() && h("div", { class: "list-note" }, h("span", {}, stale()), h("button", { type: "button", class: "link", onclick: load }, "Show them as they are now"), h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: () => stale.set("") }, icon("close", 14)));
  return [
    h(
      "div",
      { class: "gallery-head" },
      h("div", { class: "gallery-title" }, h("h1", { tabindex: "-1", title: project.name }, project.name), h("span", { class: "quiet", role: "status" }, () => (total() === null ? "" : amount(total(), "image")))),
      h(
        "div",
        { class: "toolbar", role: "toolbar", "aria-label": "View", hidden: bare },
        button("Filters", { icon: "filter", kind: "plain filter-button", "aria-expanded": () => String(facetsShown()), onclick: showFacets }),
        h("div", { class: "search-box" }, icon("search", 16), searchField),
        h("label", { class: "slider" }, icon("grid", 16), h("span", { class: "visually-hidden" }, "Size of pictures"), h("input", { type: "range", min: SIZES.least, max: SIZES.most, step: 4, value: () => clampSize(query().size), oninput: (event) => setQuery({ size: Number(event.target.value) === SIZES.usual ? null : event.target.value }, { replace: true }) })),
        h("button", { type: "button", class: "icon-button", title: "Show whole pictures", "aria-label": "Show whole pictures", "aria-pressed": () => String(query().fit === "whole"), onclick: () => setQuery({ fit: query.peek().fit === "whole" ? null : "whole" }, { replace: true }) }, icon("image")),
        linkButton("Add images", `/projects/${project.id}/crawls/new`, { kind: "primary", icon: "plus" }),
      ),
      filterChips,
    ),
    h(
      "div",
      { class: () => ["gallery", facetsShown() && "with-facets", image() && !narrow() && "with-detail"] },
      () => facetsShown() && h("aside", { class: "facet-side", "aria-label": "Filters" }, facetPanel({ facets, project: project.id, left })),
      h("div", { class: "gallery-main" }, () => failure() && brokenGallery(failure(), load), () => !failure() && total() === 0 && emptyGallery(project, query()), h("div", { class: "grid-box", hidden: () => Boolean(failure()) || total() === 0 }, grid.element, staleNotice), () => total() !== 0 && actionBar({ selection, actions, changes, labels, total, help: showKeys })),
      panel,
    ),
  ];
}
