// What is done to one image or to many: label, caption, reject; and the bar that offers it.

import { h, makeId } from "./dom.js";
import { amount, count, percent } from "./format.js";
import { areaField, button, form, textField } from "./forms.js";
import { MOST_UNDONE } from "./changes.js";
import { toBody } from "./filters.js";
import { confirmAction, notify, openDialog } from "./notices.js";
import { signal } from "./signals.js";

const REASONS = ["Blurry", "Wrong subject", "Watermark or text", "Drawing or render", "Not usable"];
const reason = signal(null); // for rejecting, in this visit; null: not asked yet

/**
 * Make what is done to the images that are meant: the chosen ones, or else the one that keys are
 * about. `meant()` is that image.
 */
export function makeActions({ list, selection, changes, filters, meant, labels }) {
  /** Change what is meant; `text(n)` says it. */
  async function change(set, text) {
    const total = selection.size();
    if (!total) return meant() && changes.apply([meant()], set, text(1), { quiet: true });
    if (!selection.isAll()) return changes.apply(await findChosen(), set, text(total));
    if (total > MOST_UNDONE) {
      const sure = await confirmAction({
        title: `${text(total)}?`,
        text: `This is for all ${amount(total, "image")} that pass the filters, more than can be undone from here. Export or freeze a version first if you may want them back as they are.`,
        action: "Change them all",
      });
      return sure && changes.applyToAll(toBody(filters()), set, text(total), total);
    }
    const images = [];
    for await (const items of list().all((share) => changes.progress.set({ text: "Reading what is there", share }))) {
      images.push(...items.filter((image) => selection.has(image.id)));
    }
    changes.progress.set(null);
    return images.length && changes.apply(images, set, text(images.length));
  }

  const seen = new Map(); // images that were chosen, which the list may have forgotten since
  async function findChosen() {
    return [...selection.ids()].map((id) => list().find(id) ?? seen.get(id)).filter(Boolean);
  }

  return {
    /** Remember images that are chosen: their values are wanted when they change. */
    remember: (images) => images.forEach((image) => seen.set(image.id, image)),
    label: (name) => change({ label: name }, (n) => (name === null ? `Label of ${amount(n, "image")} taken away` : `${amount(n, "image")} labelled “${name}”`)),
    async reject() {
      const one = selection.size() ? null : meant();
      if (one?.rejected) return this.accept();
      const why = await chooseReason();
      return why !== undefined && change({ rejected: true, reject_reason: why }, (n) => `${amount(n, "image")} rejected`);
    },
    accept: () => change({ rejected: false }, (n) => `Rejection of ${amount(n, "image")} taken back`),
    async askLabel() {
      const name = await openDialog({ title: titleFor("Label", selection), content: (close) => labelForm(labels.peek(), close) });
      if (name !== undefined) await this.label(name);
    },
    async askCaption() {
      const fields = [areaField({ label: "Caption", name: "caption", optional: true, maxlength: 2000, rows: 3, autofocus: true, value: selection.size() ? "" : (meant()?.caption ?? ""), hint: "Empty takes the caption away." })];
      const found = await openDialog({ title: titleFor("Caption", selection), content: (close) => form({ fields, submit: "Save", send: async (data) => close({ caption: data.caption ?? null }) }) });
      if (found) await change(found, (n) => `Caption of ${amount(n, "image")} changed`);
    },
    undo: () => (changes.canUndo() ? changes.undo() : notify("There is nothing to undo in this visit.", { kind: "waiting" })),
  };
}

const titleFor = (what, selection) => (selection.size() ? `${what} ${amount(selection.size(), "image")}` : `${what} this image`);

/** Return why images are rejected, null for no reason: asked once in a visit. Undefined is a refusal. */
export async function chooseReason() {
  if (reason.peek() === null && !(await askReason())) return undefined;
  return reason.peek() || null;
}

async function askReason() {
  const found = await openDialog({
    title: "Reason for rejecting",
    content: (close) => {
      const field = textField({ label: "Reason", name: "reason", optional: true, maxlength: 255, autofocus: true, value: reason.peek() ?? "", hint: "It is kept with each image, and used for all that you reject until you change it." });
      return [
        h("div", { class: "chips suggestions" }, REASONS.map((text) => h("button", { type: "button", class: "chip", onclick: () => close(text) }, h("span", {}, text)))),
        form({ fields: [field], submit: "Reject", send: async (data) => close(data.reason ?? "") }),
      ];
    },
  });
  if (found === undefined) return false;
  reason.set(found);
  return true;
}

function labelForm(labels, close) {
  const id = makeId("labels");
  return form({
    fields: [
      textField({ label: "Label", name: "label", optional: true, maxlength: 255, list: id, autofocus: true, hint: "Empty takes the label away." }),
      h("datalist", { id }, labels.map((name) => h("option", { value: name }))),
    ],
    submit: "Save",
    send: async (data) => close(data.label ?? null),
  });
}

/** Make the bar below the grid: what can be done to the chosen images, or the labels by number. */
export function actionBar({ selection, actions, changes, labels, total, help }) {
  return h("div", { class: "action-bar", role: "region", "aria-label": "Actions" }, () => {
    const now = changes.progress();
    if (now) return [h("span", { class: "spinner", "aria-hidden": "true" }), h("span", { class: "grow" }, `${now.text}… ${percent(now.share)}`)];
    return selection.size() ? chosenBar(selection, actions, total) : legend(labels(), actions, help);
  });
}

function chosenBar(selection, actions, total) {
  const [size, all] = [selection.size(), total() ?? 0];
  return [
    h("strong", { "aria-live": "polite" }, `${count(size)} chosen`),
    size < all && h("button", { type: "button", class: "link small", onclick: selection.all }, `Choose all ${count(all)}`),
    h("span", { class: "grow" }),
    button("Label", { kind: "small", icon: "tag", onclick: () => actions.askLabel() }),
    button("Caption", { kind: "small", icon: "list", onclick: () => actions.askCaption() }),
    button("Reject", { kind: "danger small", icon: "close", onclick: () => actions.reject() }),
    button("Take back", { kind: "small", icon: "undo", title: "Take their rejection back", onclick: () => actions.accept() }),
    button("Clear", { kind: "quiet small", onclick: selection.clear }),
  ];
}

function legend(labels, actions, help) {
  const key = (name, text, title, onclick, style) => h("button", { type: "button", class: ["key-label", style], title, onclick }, h("kbd", {}, name), h("span", {}, text));
  return [
    h("div", { class: "label-keys", role: "group", "aria-label": "Labels by number key" }, labels.slice(0, 9).map((name, at) => key(at + 1, name, `Key ${at + 1}: ${name}`, () => actions.label(name)))),
    key("L", labels.length ? "Other…" : "Label", "Give another label", () => actions.askLabel(), "act"),
    key("X", "Reject", "Reject, or take a rejection back", () => actions.reject(), "act"),
    () => reason() !== null && h("button", { type: "button", class: "link small reason", title: "Change the reason for rejecting", onclick: askReason }, reason() ? `as “${reason()}”` : "without a reason"),
    key("U", "Undo", "Undo the latest change", () => actions.undo(), "act"),
    h("button", { type: "button", class: "icon-button keys-button", "aria-label": "Keys", title: "Keys (?)", onclick: help }, h("kbd", {}, "?")),
  ];
}
