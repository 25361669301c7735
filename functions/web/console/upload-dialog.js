// Before an upload: what will be sent, what is no image, and what is said about all of them.

import { nameFolder, MOST_FILES } from "./dropped-files.js";
import { h } from "./dom.js";
import { amount, bytes } from "./format.js";
import { form, textField } from "./forms.js";
import { icon } from "./icons.js";
import { inspectFile } from "./image-kinds.js";
import { notify, openDialog } from "./notices.js";
import { signal } from "./signals.js";
import { showDock } from "./upload-dock.js";
import { addUploads } from "./uploads.js";

const AT_ONCE = 50; // files whose first bytes are read together

/** Ask how files become images of a project, and send them. */
export async function uploadFiles(project, found) {
  if (!found.length) return notify("There is no file in it.", { kind: "failed" });
  const [images, refused] = await sort(found);
  const agreed = await openDialog({
    title: images.length ? `Upload ${amount(images.length, "image")} to “${project.name}”` : "There is no image among them",
    content: (close) => (images.length ? question(images, refused, found.length, close) : refusals(refused, true)),
  });
  if (!agreed) return;
  addUploads(project, images, agreed);
  showDock();
}

async function sort(found) {
  const [images, refused] = [[], []];
  for (let start = 0; start < found.length; start += AT_ONCE) {
    const part = found.slice(start, start + AT_ONCE);
    const facts = await Promise.all(part.map(({ file }) => inspectFile(file)));
    part.forEach((one, at) => (facts[at].type ? images.push({ ...one, ...facts[at] }) : refused.push({ ...one, ...facts[at] })));
  }
  return [images, refused];
}

function question(images, refused, number, close) {
  const folders = [...new Set(images.map(({ path }) => nameFolder(path)).filter(Boolean))];
  const choice = signal(folders.length > 1 ? "folder" : "none");
  const size = images.reduce((sum, { file }) => sum + file.size, 0);
  return [
    h("p", { class: "dialog-text" }, `${bytes(size)} in all. They are sent ${images.length > 6 ? "six at a time" : "together"}; you can go on working meanwhile.`),
    number >= MOST_FILES && h("p", { class: "form-error" }, icon("alert"), `These are the first ${amount(MOST_FILES, "file")}; drop the rest afterwards.`),
    refusals(refused),
    form({
      fields: [labelChoice(folders, choice), moreAbout()],
      submit: `Upload ${amount(images.length, "image")}`,
      send: async ({ label_from: from, label, license, attribution }) => {
        const about = Object.fromEntries(Object.entries({ license, attribution }).filter(([, value]) => value));
        close(({ path }) => {
          const given = from === "folder" ? nameFolder(path)?.slice(0, 200) : from === "same" ? label : null;
          return given ? { ...about, label: given } : about;
        });
      },
    }),
  ];
}

function labelChoice(folders, choice) {
  const option = (value, text, more = null) =>
    h(
      "div",
      { class: "choice" },
      h("label", {}, h("input", { type: "radio", name: "label_from", value, checked: choice.peek() === value, onchange: () => choice.set(value) }), h("span", {}, text)),
      more,
    );
  const same = textField({ label: "Label of all", name: "label", maxlength: 200 });
  return h(
    "fieldset",
    { class: "choices" },
    h("legend", { class: "legend" }, "Labels"),
    option("none", "None for now"),
    folders.length > 0 && option("folder", "The name of its folder", h("p", { class: "hint label-names" }, folders.slice(0, 12).map((name) => h("span", { class: "label-chip" }, name)), folders.length > 12 && ` and ${amount(folders.length - 12, "more", "more")}`)),
    option("same", "The same for all", h("div", { hidden: () => choice() !== "same" }, same)),
  );
}

function moreAbout() {
  return h(
    "details",
    { class: "disclosure" },
    h("summary", {}, "Licence and credit"),
    h(
      "div",
      { class: "form" },
      textField({ label: "Licence", name: "license", optional: true, maxlength: 200, hint: "A name or an address, such as CC BY 4.0. It stands in every export." }),
      textField({ label: "Credit", name: "attribution", optional: true, maxlength: 200, hint: "Whom to name as their author." }),
    ),
  );
}

function refusals(refused, open = false) {
  if (!refused.length) return null;
  return h(
    "details",
    { class: "refusals", open },
    h("summary", {}, icon("alert", 16), `${amount(refused.length, "file")} will not be sent`),
    h("ul", {}, refused.slice(0, 100).map(({ path, refusal }) => h("li", {}, h("strong", {}, path), `: ${refusal}.`)), refused.length > 100 && h("li", {}, `… and ${amount(refused.length - 100, "more", "more")}`)),
  );
}
