// Elements from descriptions. Text only ever becomes text, so that no foreign word becomes markup.

import { effect } from "./signals.js";

const SVG = "http://www.w3.org/2000/svg";
const ADDRESSES = new Set(["href", "src", "action", "formaction", "poster"]);
const SAFE_SCHEMES = new Set(["http:", "https:", "blob:", "mailto:"]);
const PICTURE = /^data:image\/webp;base64,[\w+/]+=*$/;
const PROPERTIES = new Set(["value", "checked", "indeterminate", "disabled", "selected", "hidden", "open", "inert"]);

/**
 * Make an HTML element.
 *
 * Properties that begin with "on" are listeners; `class` is a text or a list; `style` is an object
 * of CSS properties; others are attributes (null and false leave them out). A function in place of
 * a value or a child is read again whenever a signal in it changes.
 */
export function h(tag, properties = {}, ...children) {
  return build(document.createElement(tag), properties, children);
}

/** Make an SVG element, with the same rules. */
export function svg(tag, properties = {}, ...children) {
  return build(document.createElementNS(SVG, tag), properties, children);
}

function build(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "ref") value(element);
    else if (typeof value === "function") effect(() => assign(element, name, value()));
    else assign(element, name, value);
  }
  append(element, children);
  return element;
}

function assign(element, name, value) {
  if (name === "class") {
    element.setAttribute("class", [value].flat(9).filter(Boolean).join(" "));
  } else if (name === "style") {
    // By the object model: the policy of the page allows no style attributes.
    for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text ?? "");
  } else if (PROPERTIES.has(name) && name in element) {
    element[name] = value ?? (name === "value" ? "" : false);
  } else if (value === null || value === undefined || value === false) {
    element.removeAttribute(name);
  } else if (ADDRESSES.has(name) && !isSafeAddress(String(value)) && !(element instanceof HTMLImageElement && PICTURE.test(value))) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Return whether an address may be followed or loaded: no scripts, no documents of its own making. */
export function isSafeAddress(text) {
  try {
    return SAFE_SCHEMES.has(new URL(text, location.href).protocol);
  } catch {
    return false;
  }
}

/** Append children: nodes, texts, numbers, lists of them, and functions that return such. */
export function append(parent, children) {
  for (const child of [children].flat(Infinity)) {
    if (typeof child === "function") appendLive(parent, child);
    else if (child !== null && child !== undefined && child !== false) parent.append(toNode(child));
  }
}

function toNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

function appendLive(parent, read) {
  const [start, end] = [document.createComment(""), document.createComment("")];
  parent.append(start, end);
  effect(() => {
    const children = [read()].flat(Infinity);
    const shown = start.nextSibling;
    if (children.length === 1 && isText(children[0]) && shown.nodeType === Node.TEXT_NODE && shown.nextSibling === end) {
      if (shown.data !== String(children[0])) shown.data = children[0];
      return;
    }
    const next = document.createDocumentFragment();
    append(next, children);
    while (start.nextSibling !== end) start.nextSibling.remove();
    end.before(next);
  });
}

function isText(child) {
  return typeof child === "string" || typeof child === "number";
}

/** Make one id that no other element has, for labels and descriptions. */
export function makeId(prefix = "id") {
  makeId.last = (makeId.last ?? 0) + 1;
  return `${prefix}-${makeId.last}`;
}
