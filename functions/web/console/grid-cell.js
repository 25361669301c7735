// One cell of a grid: a picture with its marks, used again for another when it goes out of sight.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { thumbnailOf } from "./image-list.js";
import { explainReason } from "./reasons.js";

const MARKS = [
  ["rejected", "close", (image) => image.rejected],
  ["duplicate", "copy", (image) => image.is_duplicate],
  ["invalid", "alert", (image) => !image.is_valid],
];

/** Make an empty cell. */
export function makeCell(canvas) {
  const picture = h("img", { class: "tile-picture", alt: "", decoding: "async", draggable: "false" });
  const box = h("span", { class: "tile-box", "aria-hidden": "true" }, icon("check", 14));
  const text = h("span", { class: "tile-text" });
  const marks = h("span", { class: "tile-marks" });
  const element = h("div", { role: "option", class: "tile", tabindex: "-1" }, picture, marks, text, box);
  const cell = { element, picture, text, marks, image: null, source: null, waits: false, shown: {} };
  picture.addEventListener("load", () => element.classList.add("loaded"));
  picture.addEventListener("error", () => askOtherwise(cell));
  canvas.append(element);
  return cell;
}

/** An address that was signed too long ago leads nowhere: one that signs anew does. */
function askOtherwise(cell) {
  const other = cell.image && `/v1/images/${cell.image.id}/content?variant=thumbnail`;
  if (!cell.source || cell.source === other || cell.image.status !== "completed") return;
  cell.source = other;
  cell.picture.src = other;
}

/** Empty a cell and hide it until it is used again. */
export function hideCell(cell) {
  cell.image = null;
  cell.waits = false;
  showPicture(cell, null);
  cell.element.hidden = true;
  cell.element.tabIndex = -1;
  mark(cell, "data-index", -1);
}

/** Show an image in a cell; undefined is one that has not come yet. */
export function drawCell(cell, image, { index, count, selection, inPassing, focused, current }) {
  const { element } = cell;
  const chosen = image ? selection.has(image.id) : selection.isAll();
  if (element.hidden) element.hidden = false;
  mark(cell, "data-index", index);
  element.tabIndex = focused ? 0 : -1;
  mark(cell, "aria-posinset", index + 1);
  mark(cell, "aria-setsize", count);
  mark(cell, "aria-selected", String(chosen));
  mark(cell, "aria-label", image ? describe(image) : "Loading");
  const source = image ? thumbnailOf(image) : null;
  const isSame = cell.image === image && cell.image && (cell.source !== null) === (source !== null);
  cell.waits = inPassing && source !== null && !isSame;
  if (!isSame) showPicture(cell, cell.waits ? null : source);
  cell.image = image ?? null;
  const failed = image?.status === "failed";
  const flags = image ? MARKS.filter(([, , test]) => test(image)).map(([name]) => name) : [];
  const loaded = element.classList.contains("loaded");
  const style = ["tile", chosen && "chosen", image && image.id === current && "current", failed && "failed", !image && "coming", image && source === null && "bare", loaded && "loaded", ...flags].filter(Boolean).join(" ");
  if (element.className !== style) element.className = style;
  const colour = image?.color ?? "";
  if (cell.shown.colour !== colour) element.style.backgroundColor = cell.shown.colour = colour;
  showMarks(cell, flags);
  const text = failed ? wordFailure(image) : nameOf(image);
  if (cell.text.textContent !== text) cell.text.textContent = text;
}

/** Set an attribute, where it says something else by now: most do not when a cell is used again. */
function mark(cell, name, value) {
  if (cell.shown[name] === value) return;
  cell.shown[name] = value;
  cell.element.setAttribute(name, value);
}

function nameOf(image) {
  if (!image) return "";
  return image.distance > 0 ? `${image.distance} of 64 bits differ` : (image.label ?? "");
}

/** Say why an image failed: its kind in words, or the sentence that stands there. */
export function wordFailure(image) {
  const [, kind, rest] = /^([a-z0-9_]+): *(.*)$/s.exec(image.failure_reason ?? "") ?? [];
  return kind ? explainReason(kind).text || rest : (image.failure_reason ?? "It failed");
}

function describe(image) {
  const about = [image.label ?? "no label"];
  if (image.status !== "completed") about.push(image.status === "failed" ? wordFailure(image) : image.status);
  if (image.rejected) about.push(`rejected${image.reject_reason ? `: ${image.reject_reason}` : ""}`);
  if (image.is_duplicate) about.push("duplicate");
  if (!image.is_valid) about.push("not valid");
  return `${image.file_name ?? "Image"}, ${about.join(", ")}`;
}

function showMarks(cell, flags) {
  const name = flags.join(" ");
  if (cell.marks.dataset.name === name) return;
  cell.marks.dataset.name = name;
  cell.marks.replaceChildren(...MARKS.filter(([flag]) => flags.includes(flag)).map(([flag, drawing]) => h("span", { class: ["mark", flag] }, icon(drawing, 13))));
}

function showPicture(cell, source) {
  if (cell.source === source) return;
  cell.source = source;
  cell.element.classList.remove("loaded");
  if (source) cell.picture.src = source;
  else cell.picture.removeAttribute("src");
}
