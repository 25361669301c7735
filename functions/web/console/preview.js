// One picture as large as the window, and others from there.

import { h } from "./dom.js";
import { amount, count } from "./format.js";
import { wordFailure } from "./grid-cell.js";
import { icon } from "./icons.js";
import { thumbnailOf } from "./image-list.js";
import { effect, makeScope, signal } from "./signals.js";

/** Open the picture at an index; `take(index)` promises an image. Resolves to the index it ended at. */
export function openPreview({ index: first, count: total, take, onkey, revision }) {
  return new Promise((resolve) => {
    const index = signal(first);
    const image = signal(null);
    const scope = makeScope();
    const move = (by) => index.update((at) => Math.max(0, Math.min(total() - 1, at + by)));
    const dialog = scope.run(() =>
      h(
        "dialog",
        {
          class: "preview",
          "aria-label": () => `Preview, image ${count(index() + 1)} of ${count(total())}`,
          onclose: () => {
            scope.end();
            dialog.remove();
            resolve(index.peek());
          },
          onclick: (event) => event.target.closest("button, figcaption, img") || dialog.close(),
          onkeydown: (event) => {
            const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
            if (by) move(by);
            else if (event.key === " " && !event.target.closest("button")) dialog.close();
            else if (/^[0-9xu]$/i.test(event.key) && !event.ctrlKey && !event.metaKey) onkey(event, index.peek());
            else return;
            event.preventDefault();
          },
        },
        () => image() && picture(image(), revision),
        h("button", { type: "button", class: "preview-button close", "aria-label": "Close", onclick: () => dialog.close() }, icon("close", 22)),
        h("button", { type: "button", class: "preview-button previous", "aria-label": "Previous image", disabled: () => index() <= 0, onclick: () => move(-1) }, icon("back", 22)),
        h("button", { type: "button", class: "preview-button next", "aria-label": "Next image", disabled: () => index() >= total() - 1, onclick: () => move(1) }, icon("arrow", 22)),
      ),
    );
    scope.run(() =>
      effect(() => {
        const at = index();
        take(at).then((found) => index.peek() === at && image.set(found ?? null), () => dialog.close());
      }),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

function picture(image, revision) {
  const about = () => (revision(), [image.label ?? "no label", image.width && `${image.width} × ${image.height}`, image.rejected && "rejected", image.is_duplicate && "duplicate"].filter(Boolean).join(" · "));
  return h(
    "figure",
    { class: "preview-figure" },
    image.status === "completed"
      ? [
          h("img", { class: "preview-small", src: thumbnailOf(image), alt: "", "aria-hidden": "true" }),
          h("img", { class: "preview-large", src: `/v1/images/${image.id}/content`, alt: image.caption ?? image.label ?? image.file_name ?? "The image" }),
        ]
      : h("p", { class: "preview-failure" }, icon("alert", 28), wordFailure(image)),
    h("figcaption", { "aria-live": "polite" }, h("strong", {}, image.file_name ?? "Image"), h("span", {}, about)),
  );
}

/** Show two pictures side by side, with what they differ in. */
export function comparison(one, other) {
  const rows = [
    ["Distance", () => (other.distance === 0 ? "0: they look the same" : `${amount(other.distance, "bit")} of 64 differ`), true],
    ["Pixels", (image) => `${image.width} × ${image.height}`],
    ["Format", (image) => image.format?.toUpperCase() ?? "–"],
    ["Bytes", (image) => count(image.file_size)],
    ["Label", (image) => image.label ?? "–"],
    ["Kept as", (image) => (image.rejected ? "rejected" : image.is_duplicate ? "duplicate" : "original")],
  ];
  const side = (image) =>
    h("figure", {}, h("img", { src: `/v1/images/${image.id}/content`, alt: image.caption ?? image.label ?? "", width: image.width, height: image.height }), h("figcaption", { title: image.file_name }, image.file_name ?? "Image"));
  return [
    h("div", { class: "side-by-side" }, side(one), side(other)),
    h(
      "table",
      { class: "compared" },
      h("caption", { class: "visually-hidden" }, "What they differ in"),
      h("tbody", {}, rows.map(([name, read, joint]) => h("tr", {}, h("th", { scope: "row" }, name), joint ? h("td", { colspan: 2 }, read()) : [h("td", {}, read(one)), h("td", {}, read(other))]))),
    ),
  ];
}
