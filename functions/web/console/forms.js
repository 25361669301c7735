// Fields with their label, hint and error; forms that send themselves and show what was wrong where.

import { Problem } from "./api.js";
import { h, makeId } from "./dom.js";
import { icon } from "./icons.js";
import { signal } from "./signals.js";

/**
 * Make a labelled field around a control that `make` builds of `{id, name, ...attributes}`.
 * `pointer` is the place in the request's body whose error belongs here.
 */
export function field({ label, hint, name, pointer = `/${name}`, optional = false, make, class: style }) {
  const id = makeId(name);
  const error = signal("");
  const control = make({
    id,
    name,
    "aria-describedby": () => [hint && `${id}-hint`, error() && `${id}-error`].filter(Boolean).join(" ") || null,
    "aria-invalid": () => (error() ? "true" : null),
  });
  const element = h(
    "div",
    { class: ["field", style] },
    h("label", { for: id }, label, optional && [" ", h("span", { class: "optional" }, "optional")]),
    control,
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
    () => error() && h("p", { class: "error", id: `${id}-error` }, icon("alert", 14), error()),
  );
  element.field = { pointer, error, control, name };
  return element;
}

/** Make a field of one line. */
export function textField({ label, hint, name, pointer, optional, class: style, ...attributes }) {
  const make = (given) => h("input", { type: "text", autocomplete: "off", ...given, required: !optional, ...attributes });
  return field({ label, hint, name, pointer, optional, make, class: style });
}

/** Make a field of many lines. */
export function areaField({ label, hint, name, pointer, optional, class: style, ...attributes }) {
  const make = (given) => h("textarea", { rows: 4, spellcheck: "false", ...given, required: !optional, ...attributes });
  return field({ label, hint, name, pointer, optional, make, class: style });
}

/** Make a field that chooses of `options`: texts or `[value, text]`. */
export function choiceField({ label, hint, name, pointer, options, class: style, value, ...attributes }) {
  const make = (given) => {
    const select = h(
      "select",
      { ...given, ...attributes },
      options.map((option) => {
        const [key, text] = [option].flat().length === 2 ? option : [option, option];
        return h("option", { value: key }, text);
      }),
    );
    if (value !== undefined) select.value = value;
    return select;
  };
  return field({ label, hint, name, pointer, make, class: style });
}

/** Make a box to tick. */
export function checkField({ label, hint, name, checked = false, ...attributes }) {
  const id = makeId(name);
  const element = h(
    "div",
    { class: "field check" },
    h("input", { type: "checkbox", id, name, checked, "aria-describedby": hint ? `${id}-hint` : null, ...attributes }),
    h("label", { for: id }, label),
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint),
  );
  element.field = { pointer: `/${name}`, error: signal(""), control: element.firstChild, name };
  return element;
}

/** Make a button. `kind` is primary, plain (default), quiet or danger. */
export function button(label, { kind = "plain", icon: drawing, ...attributes } = {}) {
  return h("button", { type: "button", class: ["button", kind], ...attributes }, drawing && icon(drawing), h("span", {}, label));
}

/**
 * Make a form. `send(data)` gets what was filled in and returns a promise; while it runs the button
 * is busy, and a problem is shown at the fields it names, or above the button.
 */
export function form({ fields, submit, send, kind = "primary", extra = null, class: style }) {
  const busy = signal(false);
  const failure = signal("");
  const element = h(
    "form",
    {
      class: ["form", style],
      novalidate: true,
      onsubmit: async (event) => {
        event.preventDefault();
        if (busy.peek()) return;
        const parts = [...element.querySelectorAll(".field")].map((one) => one.field).filter(Boolean);
        clearErrors(parts, failure);
        if (!checkFields(parts)) return focusFirst(parts);
        busy.set(true);
        try {
          await send(readForm(element), element);
        } catch (error) {
          if (error.name === "AbortError") return;
          showProblem(error, parts, failure);
          focusFirst(parts);
        } finally {
          busy.set(false);
        }
      },
    },
    fields,
    () => failure() && h("p", { class: "form-error", role: "alert" }, icon("alert"), failure()),
    h(
      "div",
      { class: "form-actions" },
      h(
        "button",
        { type: "submit", class: ["button", kind], "aria-busy": () => String(busy()) },
        () => busy() && h("span", { class: "spinner", "aria-hidden": "true" }),
        h("span", {}, submit),
      ),
      extra,
    ),
  );
  return element;
}

/** Return what a form holds: texts trimmed, empty ones left out, boxes as true and false, numbers. */
export function readForm(element) {
  const data = {};
  for (const control of element.elements) {
    if (!control.name || control.disabled || control.closest("[hidden]")) continue;
    if (control.type === "checkbox") data[control.name] = control.checked;
    else if (control.type === "radio") {
      if (control.checked) data[control.name] = control.value;
    } else if (control.type === "number") {
      if (control.value !== "") data[control.name] = Number(control.value);
    } else if (control.type === "file") data[control.name] = [...control.files];
    else {
      const text = control.type === "password" ? control.value : control.value.trim();
      if (text !== "") data[control.name] = text;
    }
  }
  return data;
}

/** Show a problem where it belongs: at the fields whose places it names, the rest as one sentence. */
function showProblem(error, parts, failure) {
  const left = [];
  for (const [pointer, detail] of error instanceof Problem ? error.fields : []) {
    const part = parts.find((one) => one.pointer === pointer || pointer.startsWith(`${one.pointer}/`));
    if (part) part.error.set(`${detail[0].toUpperCase()}${detail.slice(1)}.`.replace(/\.\.$/, "."));
    else left.push(`${pointer.slice(1)} ${detail}`);
  }
  if (left.length) failure.set(`${left.join("; ")}.`);
  else if (!parts.some((one) => one.error.peek())) failure.set(error.message || String(error));
}

function clearErrors(parts, failure) {
  failure.set("");
  for (const part of parts) part.error.set("");
}

function checkFields(parts) {
  let well = true;
  for (const { control, error } of parts) {
    if (!control?.willValidate || control.closest("[hidden]") || control.checkValidity()) continue;
    const { validity } = control;
    error.set(validity.valueMissing ? "Fill this in." : control.validationMessage);
    well = false;
  }
  return well;
}

function focusFirst(parts) {
  parts.find((one) => one.error.peek())?.control.focus();
}
