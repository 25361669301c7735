// All that is known about one image, beside the grid; on a phone, instead of it.

import { get, remove } from "./api.js";
import { chooseReason } from "./bulk.js";
import { append, h, makeId } from "./dom.js";
import { amount } from "./format.js";
import { button, field } from "./forms.js";
import { analyses, facts, metadata, nearCopies, rights, validation, variants } from "./detail-parts.js";
import { wordFailure } from "./grid-cell.js";
import { icon } from "./icons.js";
import { thumbnailOf } from "./image-list.js";
import { badge } from "./layout.js";
import { confirmAction, notify, notifyProblem } from "./notices.js";
import { computed, effect, makeScope, onEnd, signal } from "./signals.js";

const NEAR = { max_distance: 10, limit: 24 };
const EDITED = ["label", "caption", "rejected", "reject_reason"];
const PATIENCE = 120; // milliseconds that an image must be shown for before more is asked about it

/**
 * Make the panel. `shown()` is the id of its image, or null; `narrow()` whether it covers the page.
 * `step(by)` goes to another, `edit(image, set, text)` changes it, `lost(id)` hears that it is gone.
 */
export function detailPanel({ shown, narrow, list, step, position, edit, lost, close, labels, preview, similar, open, revision }) {
  const body = h("div", { class: "detail-body" });
  const dialog = h(
    "dialog",
    { class: "image-panel", "aria-label": "About the image", oncancel: (event) => (event.preventDefault(), close()), onkeydown: (event) => event.key === "Escape" && !event.defaultPrevented && (event.preventDefault(), close()) },
    h(
      "header",
      { class: "detail-head" },
      h("button", { type: "button", class: "icon-button", "aria-label": "Previous image", title: "Previous", onclick: () => step(-1) }, icon("back")),
      h("button", { type: "button", class: "icon-button", "aria-label": "Next image", title: "Next", onclick: () => step(1) }, icon("arrow")),
      h("span", { class: "quiet small grow" }, position),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close", title: "Close (Esc)", onclick: close }, icon("close")),
    ),
    body,
  );
  let scope = makeScope();
  effect(() => {
    const id = shown();
    scope.end();
    scope = makeScope();
    showDialog(dialog, Boolean(id), narrow());
    if (id) scope.run(() => fill(body, id, { list, edit, lost, labels, preview, similar, open, revision }));
    else body.replaceChildren();
  });
  onEnd(() => scope.end());
  return dialog;
}

/** Open or close a dialog: over all on a phone, else beside the grid and without taking the focus. */
function showDialog(dialog, wanted, modal) {
  if (dialog.open && (!wanted || dialog.modal !== modal)) dialog.close();
  if (!wanted || dialog.open) return;
  dialog.modal = modal;
  if (!modal) dialog.open = true;
  else queueMicrotask(() => dialog.isConnected && !dialog.open && dialog.showModal()); // it must be in the page
}

function fill(body, id, { list: currentList, edit, lost, labels, preview, similar, open, revision }) {
  const list = currentList();
  const image = signal(list.find(id) ?? null);
  const more = { rights: signal(null), analyses: signal(null), near: signal(null) };
  const controller = new AbortController();
  const timer = setTimeout(load, image.peek() ? PATIENCE : 0);
  onEnd(() => (clearTimeout(timer), controller.abort()));

  async function load() {
    const part = (name, path, query) =>
      get(path, query, controller.signal).then((page) => more[name].set(page.items), (error) => error.name !== "AbortError" && more[name].set(error));
    try {
      const path = `/v1/images/${id}`;
      part("rights", `${path}/rights`);
      part("analyses", `${path}/analyses`, { limit: 50 });
      part("near", `${path}/similar`, NEAR);
      image.set(await get(path, { thumbnails: true }, controller.signal));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (error.status === 404) lost(id);
      else notifyProblem(error);
    }
  }

  const change = (set, text) => {
    const now = image.peek();
    image.set({ ...now, reject_reason: null, ...set });
    edit(now, set, text);
  };

  effect(() => {
    revision(); // it may be changed in the grid too
    const [now, other] = [image.peek(), list.find(id)];
    if (now && other && EDITED.some((name) => now[name] !== other[name])) image.set({ ...now, ...Object.fromEntries(EDITED.map((name) => [name, other[name]])) });
  });

  // What is typed into or pressed stands still while more becomes known.
  const known = computed(() => Boolean(image()));
  body.scrollTop = 0;
  body.replaceChildren();
  append(body, [
    () => !known() && h("p", { class: "detail-wait quiet" }, h("span", { class: "spinner", "aria-hidden": "true" }), "Loading…"),
    () => known() && [picture(image.peek(), preview), title(image.peek())],
    () => known() && states(image(), open),
    () => known() && [words(image, change, labels), tools(image, change, similar, () => deleteImage(image.peek(), lost))],
    () => known() && [facts(image()), validation(image()), rights(image(), more.rights), analyses(more.analyses), variants(image()), nearCopies(image(), more.near, open, similar), metadata(image())],
  ]);
}

function title(image) {
  const name = image.file_name ?? "Image without a name";
  return h("h2", { class: "detail-title", tabindex: "-1", title: name }, name);
}

function picture(image, preview) {
  const ratio = image.width && image.height ? `${image.width} / ${image.height}` : "4 / 3";
  if (image.status !== "completed") {
    return h("div", { class: "detail-picture none" }, icon(image.status === "failed" ? "alert" : "image", 26), h("p", {}, image.status === "failed" ? wordFailure(image) : "It is being processed."));
  }
  return h(
    "button",
    { type: "button", class: "detail-picture", "aria-label": "Look at it large", title: "Look at it large (Space)", onclick: preview, style: { "aspect-ratio": ratio, "background-color": image.color ?? null } },
    h("img", { src: thumbnailOf(image), alt: "" }),
    h("img", { class: "over", src: image.content_url ?? `/v1/images/${image.id}/content`, alt: image.caption ?? image.label ?? "", onerror: (event) => event.target.remove() }),
  );
}

function states(image, open) {
  return h(
    "div",
    { class: "badges" },
    image.status !== "completed" && badge(image.status),
    image.status === "completed" && badge(image.is_valid ? "valid" : "invalid", image.is_valid ? "Valid" : "Not valid"),
    image.rejected && badge("rejected", image.reject_reason ? `Rejected: ${image.reject_reason}` : "Rejected"),
    image.rejected_with && h("button", { type: "button", class: "link small", onclick: () => open(image.rejected_with) }, "with one that looks like it"),
    image.is_duplicate && badge("duplicate", "Duplicate"),
    image.duplicate_of && h("button", { type: "button", class: "link small", onclick: () => open(image.duplicate_of) }, "Show the original"),
  );
}

/** The texts that people give it: they are saved when a field is left or Enter is pressed. */
function words(image, change, labels) {
  const id = makeId("labels");
  const save = (name, text) => (event) => {
    const value = event.target.value.trim() || null;
    if (value !== (image.peek()[name] ?? null)) change({ [name]: value }, text);
  };
  const submit = (event) => event.key === "Enter" && (event.preventDefault(), event.target.blur());
  const text = (label, name, said, more) => {
    const make = (given) => h("input", { type: "text", autocomplete: "off", ...given, maxlength: 2000, value: () => image()[name] ?? "", onchange: save(name, said), onkeydown: submit, ...more });
    return field({ label, name, make });
  };
  return h(
    "div",
    { class: "form detail-words" },
    text("Label", "label", "Label changed", { list: id, maxlength: 255, placeholder: "No label" }),
    h("datalist", { id }, () => labels().map((name) => h("option", { value: name }))),
    text("Caption", "caption", "Caption changed", { placeholder: "No caption" }),
  );
}

function tools(image, change, similar, erase) {
  const { id, status, phash } = image.peek();
  const reject = async () => {
    if (image.peek().rejected) return change({ rejected: false }, "Rejection taken back");
    const why = await chooseReason();
    return why !== undefined && change({ rejected: true, reject_reason: why }, "1 image rejected");
  };
  return h(
    "div",
    { class: "detail-tools" },
    button(() => (image().rejected ? "Take back" : "Reject"), { kind: "small", icon: "close", onclick: reject }),
    phash && button("Similar", { kind: "small", icon: "search", onclick: () => similar(id) }),
    status === "completed" && h("a", { class: "button small", href: `/v1/images/${id}/content`, target: "_blank", rel: "noopener" }, icon("external"), h("span", {}, "Original")),
    button("Delete", { kind: "danger small", icon: "trash", onclick: erase }),
  );
}

async function deleteImage(image, lost) {
  const sure = await confirmAction({
    title: "Delete this image?",
    text: `“${image.file_name ?? image.id}” and its variants go, and later crawls do not bring it back. This cannot be undone; to only keep it out of datasets, reject it.`,
    action: "Delete the image",
  });
  if (!sure) return;
  try {
    await remove(`/v1/images/${image.id}`);
    notify(`${amount(1, "image")} deleted.`);
    lost(image.id, { quiet: true });
  } catch (error) {
    if (error.status === 404) lost(image.id);
    else notifyProblem(error);
  }
}
