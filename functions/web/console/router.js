// Addresses of views: the part behind #, such as #/projects/ID?label=cat.

import { h } from "./dom.js";
import { makeScope, signal } from "./signals.js";

const routes = [];

/** The address that is shown now: `{path, query}`. */
export const address = signal(read());

/** Declare a view: a pattern such as "/projects/:id", and how its module is loaded. */
export function route(pattern, load) {
  const names = [];
  const expression = pattern.replace(/:(\w+)/g, (_, name) => {
    names.push(name);
    return "([^/]+)";
  });
  routes.push({ match: new RegExp(`^${expression}$`), names, load });
}

/** Return the address of a view as a link carries it. */
export function link(path, query = {}) {
  const search = toSearch(query);
  return `#${path}${search ? `?${search}` : ""}`;
}

/** Go to a view. With `replace`, the one shown now leaves no trace in the history. */
export function go(path, query = {}, { replace = false } = {}) {
  const hash = link(path, query);
  if (replace) history.replaceState(null, "", hash);
  else if (location.hash !== hash) history.pushState(null, "", hash);
  address.set(read());
}

/** Change some values of the query; null takes one away. The view stays. */
export function setQuery(changes, { replace = false } = {}) {
  const { path, query } = address.peek();
  const next = { ...query, ...changes };
  go(path, next, { replace });
}

/** Find the view of a path: `{load, params}`, or null. */
export function findRoute(path) {
  for (const { match, names, load } of routes) {
    const found = match.exec(path);
    if (found) {
      return { load, params: Object.fromEntries(names.map((name, at) => [name, decode(found[at + 1])])) };
    }
  }
  return null;
}

/**
 * Make what shows the view of the address. A view's module exports a function that loads what it
 * shows, and returns `{title, body, project?, section?, class?}`; `body()` builds its elements, whose
 * effects end when the view is left. A view is left alone while only its query changes.
 */
export function startRouter({ show, fail, busy }) {
  let current = { key: null, scope: null, controller: null };
  const update = async () => {
    const { path } = address.peek();
    if (path === current.key) return;
    const controller = new AbortController();
    const scope = makeScope();
    current.controller?.abort();
    const leaving = current.scope;
    current = { key: path, scope, controller };
    busy(true);
    try {
      const found = findRoute(path) ?? { load: () => import("./page-missing.js"), params: {} };
      const module = await found.load();
      const view = await module.default({ params: found.params, signal: controller.signal });
      if (controller.signal.aborted) return;
      leaving?.end();
      show({ ...view, body: scope.run(() => h("div", { class: ["page", view.class] }, view.body())) });
    } catch (error) {
      if (controller.signal.aborted) return;
      leaving?.end();
      fail(error, () => {
        current.key = null;
        update();
      });
    } finally {
      if (current.controller === controller) busy(false);
    }
  };
  addEventListener("hashchange", () => address.set(read()));
  addEventListener("popstate", () => address.set(read()));
  return update;
}

function read() {
  const [path, search = ""] = (location.hash.slice(1) || "/").split("?", 2);
  return { path: path.startsWith("/") ? path : "/", query: Object.fromEntries(new URLSearchParams(search)) };
}

function toSearch(query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return new URLSearchParams(given).toString();
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
