// What is said beside the view: short notices with a way back, and dialogs.

import { append, h, makeId } from "./dom.js";
import { button } from "./forms.js";
import { icon } from "./icons.js";

const LIFE = 6000; // milliseconds; 12000 with something to press

const list = h("div", { class: "notices", role: "status", "aria-live": "polite" });

/** Where notices appear; put into the page once. */
export const notices = list;

/** Show a notice; `action` is `{label, run}`, such as an undo. Returns how to take it away. */
export function notify(text, { kind = "done", action = null, life = action ? LIFE * 2 : LIFE } = {}) {
  const close = () => {
    clearTimeout(timer);
    element.remove();
  };
  const element = h(
    "div",
    { class: ["notice", kind] },
    icon(kind === "failed" ? "alert" : "check"),
    h("span", { class: "notice-text" }, text),
    action && button(action.label, { kind: "quiet", onclick: () => (close(), action.run()) }),
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: close }, icon("close", 16)),
  );
  const timer = setTimeout(close, life);
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  list.append(element);
  while (list.children.length > 4) list.firstChild.remove();
  return close;
}

/** Show what failed. */
export function notifyProblem(error) {
  if (error?.name === "AbortError") return;
  notify(error.sentence ?? error.message ?? String(error), { kind: "failed", life: 12000 });
}

/**
 * Open a dialog over the page. `content(close)` returns its children; the promise gives what
 * `close(value)` was called with, undefined when it was dismissed.
 */
export function openDialog({ title, content, wide = false, required = false }) {
  return new Promise((resolve) => {
    const id = makeId("dialog");
    let result;
    const close = (value) => {
      result = value;
      dialog.close();
    };
    const dialog = h("dialog", {
      class: ["dialog", wide && "wide"],
      "aria-labelledby": id,
      oncancel: (event) => required && event.preventDefault(),
      onclick: (event) => event.target === dialog && !required && close(),
      onclose: () => {
        dialog.remove();
        resolve(result);
      },
    });
    append(dialog, [
      h(
        "div",
        { class: "dialog-box" },
        h(
          "header",
          { class: "dialog-head" },
          h("h2", { id }, title),
          !required &&
            h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => close() }, icon("close")),
        ),
        h("div", { class: "dialog-body" }, content(close)),
      ),
    ]);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Ask before something that cannot be taken back. Resolves to true or false. */
export async function confirmAction({ title, text, action, danger = true }) {
  const answer = await openDialog({
    title,
    content: (close) => [
      h("p", { class: "dialog-text" }, text),
      h(
        "div",
        { class: "form-actions end" },
        button("Cancel", { onclick: () => close(false), autofocus: true }),
        button(action, { kind: danger ? "danger" : "primary", onclick: () => close(true) }),
      ),
    ],
  });
  return answer === true;
}
