// Parts of the gallery beside its grid: what is said where it is empty, sheets, and the watch on news.

import { get } from "./api.js";
import { h } from "./dom.js";
import { uploadButtons } from "./drop-target.js";
import { clearFilters, hasFilters } from "./filters.js";
import { amount } from "./format.js";
import { button } from "./forms.js";
import { emptyState, linkButton } from "./layout.js";
import { openDialog } from "./notices.js";
import { makeScope, onEnd, signal } from "./signals.js";

export const SIZES = { least: 72, usual: 164, most: 360 };
const LOOK_AGAIN = 15_000; // milliseconds, whether the project has more images by now

/** A list that is not there yet. */
export const NOTHING = { count: () => null, at: () => undefined, want() {} };

/** Return the size of pictures that an address names. */
export function clampSize(text) {
  const size = Number(text ?? SIZES.usual);
  return Number.isFinite(size) ? Math.max(SIZES.least, Math.min(SIZES.most, size)) : SIZES.usual;
}

/** Say where nothing is to be seen what to do about it. */
export function emptyGallery(project, query) {
  if (hasFilters(query)) {
    return emptyState({ icon: "filter", title: "No image passes these filters", text: "Take one of them away, or all.", action: button("Clear the filters", { kind: "primary", onclick: clearFilters }) });
  }
  return emptyState({
    title: "Add the first images",
    text: "Collect images from the web by keywords, pages or a list of addresses, or drop files and folders of your own here.",
    action: h("div", { class: "form-actions centred" }, linkButton("Collect from the web", `/projects/${project.id}/crawls/new`, { kind: "primary", icon: "globe" }), uploadButtons(project)),
  });
}

/** Say that the list could not be loaded. */
export function brokenGallery(error, retry) {
  return emptyState({ icon: "alert", title: "The images could not be loaded", text: error.sentence ?? error.message, action: button("Try again", { kind: "primary", onclick: retry }) });
}

/** Show something as a sheet over the page. */
export function openSheet(make, total) {
  const scope = makeScope();
  const content = (close) =>
    scope.run(() => [h("div", { class: "sheet-scroll", tabindex: "0", role: "group", "aria-label": "Filters" }, make()), h("div", { class: "sheet-end" }, h("button", { type: "button", class: "button primary", onclick: () => close() }, h("span", {}, () => (total() === null ? "Show the images" : `Show ${amount(total(), "image")}`))))]);
  return openDialog({ title: "Filters", content }).finally(() => scope.end());
}

/** Return a signal of whether the window is so. */
export function mediaQuery(text) {
  const media = matchMedia(text);
  const fits = signal(media.matches);
  const heed = () => fits.set(media.matches);
  media.addEventListener("change", heed);
  onEnd(() => media.removeEventListener("change", heed));
  return fits;
}

/** Return how many images a project has, whatever became of them. */
export const countAll = (project) => project.image_count + project.duplicate_count + project.rejected_count;

/** Look whether a crawl or somebody else has brought images meanwhile. */
export function watchProject(project, left, list, stale) {
  let known = project;
  const timer = setInterval(async () => {
    if (document.hidden || !list()) return;
    const now = await get(`/v1/projects/${project.id}`, {}, left).catch(() => known);
    const more = countAll(now) - countAll(known);
    known = now;
    if (more > 0) stale.set(`${amount(more, "new image")} since.`);
  }, LOOK_AGAIN);
  onEnd(() => clearInterval(timer));
}
