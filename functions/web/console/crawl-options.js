// The options of a crawl, with defaults that suit most, and the request's options that they make.

import { h } from "./dom.js";
import { checkField, choiceField, textField } from "./forms.js";
import { signal } from "./signals.js";

const DUPLICATES = [
  ["exact", "Same file: keep one"],
  ["perceptual", "Same picture: keep the best"],
  ["none", "Keep everything"],
];
const RIGHTS = [
  ["respect", "Respect opt-outs"],
  ["opt_in_only", "Only what is explicitly allowed"],
  ["ignore", "Ignore opt-outs"],
];
const REFRESH = [
  ["skip", "Do not fetch again"],
  ["revalidate", "Fetch again if they have changed"],
  ["always", "Fetch all again"],
];
const REPEAT = [["", "Once"], ["1d", "Every day"], ["1w", "Every week"], ["2w", "Every two weeks"], ["4w", "Every four weeks"], ["other", "Another interval …"]];

const at = (name) => `/options/${name}`;

/** Make the fields of the options. `kind` is a signal of the kind of source. */
export function makeOptionFields(kind) {
  const [dedup, repeat, copies, judge] = [signal("exact"), signal(""), signal(false), signal(false)];
  return h(
    "div",
    { class: "form" },
    textField({ label: "Images at most", name: "max_images", pointer: at("max_images"), type: "number", min: 1, max: 1_000_000, optional: true, placeholder: () => (["keywords", "pages"].includes(kind()) ? "1000" : "All of them") }),
    openOnError(
      h(
        "details",
        { class: "disclosure" },
        h("summary", {}, "More options"),
        h(
          "div",
          { class: "form option-groups" },
          group(
            "What is kept",
            h(
              "div",
              { class: "columns" },
              textField({ label: "Minimum width", name: "min_width", pointer: at("min_width"), type: "number", min: 0, max: 1_000_000, optional: true, hint: "In pixels. Smaller images are left out." }),
              textField({ label: "Minimum height", name: "min_height", pointer: at("min_height"), type: "number", min: 0, max: 1_000_000, optional: true }),
              choiceField({ label: "Duplicates", name: "dedup", pointer: at("dedup"), options: DUPLICATES, value: "exact", onchange: (event) => dedup.set(event.target.value) }),
              h("div", { hidden: () => dedup() !== "perceptual" }, textField({ label: "How alike", name: "max_distance", pointer: at("max_distance"), type: "number", min: 0, max: 16, value: 4, hint: "0: nearly the same; 16: alike. 4 suits most." })),
            ),
          ),
          group(
            "Manners",
            h(
              "div",
              { class: "columns" },
              choiceField({ label: "Opt-outs from AI training", name: "rights", pointer: at("rights"), options: RIGHTS, value: "respect", hint: "What sites and files say about it." }),
              choiceField({ label: "Images that the project has already", name: "refresh", pointer: at("refresh"), options: REFRESH, value: "skip" }),
            ),
            checkField({ label: "Heed robots.txt", name: "respect_robots", checked: true }),
          ),
          group(
            "Afterwards",
            h("div", { hidden: () => kind() === "file" }, choiceField({ label: "Repeat", name: "repeat", pointer: at("every"), options: REPEAT, value: "", onchange: (event) => repeat.set(event.target.value) })),
            h("div", { hidden: () => kind() === "file" || repeat() !== "other" }, textField({ label: "Interval", name: "every", pointer: at("every"), pattern: "[1-9][0-9]{0,3}[hdw]", placeholder: "12h", hint: "Hours, days or weeks: 12h, 3d, 2w." })),
            checkField({ label: "Also make copies in another size", name: "copies", onchange: (event) => copies.set(event.target.checked) }),
            h("div", { hidden: () => !copies() }, copyFields()),
            checkField({ label: "Judge the images when all are there", name: "judge", hint: "Those that break a rule count as invalid; nothing is deleted. More rules are under Quality.", onchange: (event) => judge.set(event.target.checked) }),
            h("div", { hidden: () => !judge() }, ruleFields()),
            checkField({ label: "Measure every image (colours, sharpness, brightness)", name: "analyze" }),
          ),
        ),
      ),
    ),
  );
}

function group(name, ...fields) {
  return h("fieldset", { class: "form" }, h("legend", { class: "group-name" }, name), fields);
}

/** A mistake in a closed part opens it. */
function openOnError(details) {
  details.addEventListener("invalid", () => (details.open = true), true);
  return details;
}

function copyFields() {
  return h(
    "div",
    { class: "columns" },
    textField({ label: "Longest side", name: "copy_side", pointer: at("variants"), type: "number", min: 1, max: 8192, value: 512, hint: "In pixels; smaller images stay as they are." }),
    choiceField({ label: "Format", name: "copy_format", pointer: at("variants"), options: [["webp", "WebP"], ["jpeg", "JPEG"], ["png", "PNG"], ["avif", "AVIF"]], value: "webp" }),
  );
}

function ruleFields() {
  const rule = (name, more) => textField({ name: `rule_${name}`, pointer: at(`validate/${name}`), type: "number", optional: true, ...more });
  return h(
    "div",
    { class: "form" },
    h(
      "div",
      { class: "columns" },
      rule("min_bytes", { label: "Least size in bytes", min: 0 }),
      rule("max_aspect_ratio", { label: "Widest (width ÷ height)", min: 0.01, step: "any" }),
      rule("near_duplicate_distance", { label: "Near duplicates within", min: 0, max: 16, hint: "Bits of 64; 4 suits most." }),
    ),
    checkField({ label: "Not of one colour (95 % and more)", name: "rule_plain" }),
    checkField({ label: "Not black and white", name: "rule_colour" }),
    checkField({ label: "Not animated", name: "rule_still" }),
    checkField({ label: "With a licence", name: "rule_license" }),
  );
}

/** Return the request's options; what is as usual is left out. */
export function readOptions(data, kind) {
  const options = {};
  for (const name of ["max_images", "min_width", "min_height"]) if (data[name] !== undefined) options[name] = data[name];
  for (const [name, usual] of [["dedup", "exact"], ["rights", "respect"], ["refresh", "skip"]]) if (data[name] !== usual) options[name] = data[name];
  if (data.dedup === "perceptual" && data.max_distance !== undefined) options.max_distance = data.max_distance;
  if (!data.respect_robots) options.respect_robots = false;
  const every = data.repeat === "other" ? data.every : data.repeat;
  if (every && kind !== "file") options.every = every;
  if (data.copies) options.variants = ["thumbnail", { name: `${data.copy_format}-${data.copy_side}`, width: data.copy_side, height: data.copy_side, fit: "contain", format: data.copy_format }];
  if (data.judge) options.validate = readRules(data);
  if (data.analyze) options.analyze = ["basic"];
  return options;
}

function readRules(data) {
  const rules = {};
  for (const name of ["min_bytes", "max_aspect_ratio", "near_duplicate_distance"]) if (data[`rule_${name}`] !== undefined) rules[name] = data[`rule_${name}`];
  if (data.rule_plain) rules.max_uniformity = 0.95;
  if (data.rule_colour) rules.allow_grayscale = false;
  if (data.rule_still) rules.allow_animated = false;
  if (data.rule_license) rules.require_license = true;
  return rules;
}
