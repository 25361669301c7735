// A whole view as a place to drop files on, and the buttons that do the same.

import { h } from "./dom.js";
import { readDrop, readInput } from "./dropped-files.js";
import { button } from "./forms.js";
import { icon } from "./icons.js";
import { notifyProblem } from "./notices.js";
import { onEnd, signal } from "./signals.js";
import { uploadFiles } from "./upload-dialog.js";

/**
 * Take files that are dropped anywhere while the view is shown. `take(found)` may have a use for
 * them other than an upload, and returns true then.
 */
export function makeDropTarget(project, { take = () => false, text = `Drop images or folders to upload them to “${project.name}”` } = {}) {
  const over = signal(false);
  const overlay = h("div", { class: "drop-overlay", hidden: () => !over(), "aria-hidden": "true" }, h("div", {}, icon("upload", 36), h("p", {}, text)));
  const handlers = {
    dragover(event) {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      over.set(true);
    },
    dragleave(event) {
      if (!event.relatedTarget) over.set(false);
    },
    async drop(event) {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      over.set(false);
      try {
        const found = await readDrop(event.dataTransfer);
        if (!take(found)) await uploadFiles(project, found);
      } catch (error) {
        notifyProblem(error);
      }
    },
  };
  document.body.append(overlay);
  for (const [name, handler] of Object.entries(handlers)) addEventListener(name, handler);
  onEnd(() => {
    overlay.remove();
    for (const [name, handler] of Object.entries(handlers)) removeEventListener(name, handler);
  });
}

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && !document.querySelector("dialog[open]");

/** Make the buttons that choose files, or a whole folder. */
export function uploadButtons(project) {
  return [chooser(project, "Upload files", { multiple: true, accept: "image/*" }), chooser(project, "Upload a folder", { webkitdirectory: true })];
}

function chooser(project, text, attributes) {
  const input = h("input", {
    type: "file",
    hidden: true,
    "aria-label": text,
    ...attributes,
    onchange: async () => {
      const found = readInput(input);
      input.value = "";
      await uploadFiles(project, found);
    },
  });
  return [button(text, { icon: "upload", onclick: () => input.click() }), input];
}
