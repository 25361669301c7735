// What stands around every view: navigation, who is signed in, progress, notices.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { notices } from "./notices.js";
import { address, link } from "./router.js";
import { person, signOut } from "./session.js";
import { effect, signal } from "./signals.js";

/** What is shown: `{title, body, project: {id, name} | null, section}`. */
export const view = signal(null);

/** Whether the next view is on its way. */
export const busy = signal(false);

const PROJECT_SECTIONS = [
  ["images", "Images", "grid", ""],
  ["crawls", "Sources", "globe", "/crawls"],
  ["quality", "Quality", "chart", "/quality"],
  ["versions", "Versions", "branch", "/versions"],
  ["exports", "Exports", "download", "/exports"],
];

/** Make the shell. It has a place for the view, and a menu that is a drawer on a phone. */
export function makeShell() {
  const open = signal(false);
  const outlet = h("main", { class: "outlet", id: "content" }, () => view()?.body);
  const shell = h(
    "div",
    { class: () => ["shell", open() && "menu-open"] },
    h("a", { class: "skip", href: "#content", onclick: (event) => (event.preventDefault(), focusTitle(outlet)) }, "Skip to the content"),
    h("div", { class: () => ["loading-bar", busy() && "on"], "aria-hidden": "true" }),
    topBar(open),
    sideBar(open),
    h("button", { type: "button", class: "scrim", "aria-label": "Close the menu", tabindex: "-1", onclick: () => open.set(false) }),
    outlet,
    notices,
  );
  effect(() => {
    address();
    open.set(false);
  });
  let first = true;
  effect(() => {
    if (!view()) return;
    document.title = `${view().title} · Pixmill`;
    outlet.scrollTop = 0;
    if (!first) queueMicrotask(() => focusTitle(outlet));
    first = false;
  });
  addEventListener("keydown", (event) => event.key === "Escape" && open.set(false));
  return shell;
}

function focusTitle(outlet) {
  (outlet.querySelector("h1") ?? outlet).focus({ preventScroll: true });
}

function topBar(open) {
  return h(
    "header",
    { class: "top-bar" },
    h(
      "button",
      { type: "button", class: "icon-button", "aria-label": "Menu", "aria-expanded": () => String(open()), "aria-controls": "menu", onclick: () => open.update((now) => !now) },
      icon("menu", 20),
    ),
    brand(),
  );
}

function brand() {
  return h("a", { class: "brand", href: link("/projects") }, h("img", { src: "/console/logo.svg", alt: "", width: 26, height: 26 }), h("span", {}, "Pixmill"));
}

function sideBar(open) {
  return h(
    "nav",
    { class: "side-bar", id: "menu", "aria-label": "Main" },
    brand(),
    h("ul", { class: "nav" }, item("projects", "Projects", "folder", "/projects")),
    () => view()?.project && projectSections(view().project),
    h(
      "ul",
      { class: "nav nav-end" },
      item("models", "Models", "cube", "/models"),
      item("account", "Account", "user", "/account"),
      h("li", {}, h("button", { type: "button", class: "nav-item", onclick: signOut }, icon("arrow"), h("span", {}, "Sign out"))),
    ),
    () => person() && h("p", { class: "who", title: person().email }, person().email),
  );
}

function projectSections(project) {
  return [
    h("p", { class: "nav-title", title: project.name }, project.name),
    h("ul", { class: "nav" }, PROJECT_SECTIONS.map(([section, text, drawing, path]) => item(section, text, drawing, `/projects/${project.id}${path}`))),
  ];
}

function item(section, text, drawing, path) {
  return h(
    "li",
    {},
    h("a", { class: "nav-item", href: link(path), "aria-current": () => (view()?.section === section ? "page" : null) }, icon(drawing), h("span", {}, text)),
  );
}
