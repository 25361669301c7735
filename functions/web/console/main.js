// The console's start: who is it, and which view does the address name.

import { onTrouble } from "./api.js";
import { h } from "./dom.js";
import { button } from "./forms.js";
import { emptyState, pageHead } from "./layout.js";
import { notify, notifyProblem } from "./notices.js";
import { address, findRoute, go, route, startRouter } from "./router.js";
import { findPerson, isKnown, person } from "./session.js";
import { busy, makeShell, view } from "./shell.js";
import { signInAgain, signInPage } from "./sign-in.js";
import { effect } from "./signals.js";

route("/projects", () => import("./page-projects.js"));
route("/projects/:project", () => import("./page-gallery.js"));
route("/projects/:project/crawls", () => import("./page-crawls.js"));
route("/projects/:project/crawls/new", () => import("./page-crawl-new.js"));
route("/crawls/:crawl", () => import("./page-crawl.js"));
route("/projects/:project/quality", () => import("./page-quality.js"));
route("/projects/:project/versions", () => import("./page-versions.js"));
route("/versions/:version", () => import("./page-version.js"));
route("/versions/:before/compare/:after", () => import("./page-compare.js"));
route("/projects/:project/exports", () => import("./page-exports.js"));
route("/models", () => import("./page-models.js"));
route("/models/:model", () => import("./page-model.js"));
route("/account", () => import("./page-account.js"));

const update = startRouter({ show: (next) => view.set(next), fail: showFailure, busy: (now) => busy.set(now) });
let started = false;

async function start() {
  if (isKnown()) prepareView(address.peek());
  try {
    await findPerson();
  } catch (error) {
    return document.body.replaceChildren(h("main", { class: "lone" }, describeFailure(error, () => location.reload())));
  }
  if (person()) enter();
  else document.body.replaceChildren(signInPage(enter));
}

/** Load a view, and what it begins with, while it is asked who is there. What fails does so again when it is shown. */
function prepareView({ path, query }) {
  const found = findRoute(path);
  found?.load().then((module) => module.prefetch?.(found.params, query), () => {});
}

function enter() {
  onTrouble({ sessionEnded: signInAgain, busy: tellBusy });
  document.body.replaceChildren(makeShell());
  if (["/", "/sign-in"].includes(address.peek().path)) go("/projects", {}, { replace: true });
  if (!started) effect(() => (address(), void update()));
  started = true;
}

function tellBusy(problem, seconds) {
  const reason = problem.status === 0 ? "The server cannot be reached" : "The server is busy";
  notify(`${reason}; trying again in ${Math.ceil(seconds)} s.`, { kind: "waiting", life: seconds * 1000 });
}

function showFailure(error, retry) {
  view.set({ title: "Not shown", body: h("div", { class: "page" }, describeFailure(error, retry)), project: view.peek()?.project ?? null, section: null });
}

function describeFailure(error, retry) {
  const missing = error.status === 404;
  return [
    pageHead({ title: missing ? "There is no such thing" : "This could not be shown" }),
    emptyState({
      icon: "alert",
      title: missing ? "It was deleted, or it is not yours." : error.message,
      text: error.id ? `If it stays so, say this number to whoever runs the system: ${error.id}` : "",
      action: missing ? h("a", { class: "button", href: "#/projects" }, "To your projects") : button("Try again", { kind: "primary", onclick: retry }),
    }),
  ];
}

addEventListener("unhandledrejection", (event) => {
  if (["Problem", "AbortError"].includes(event.reason?.name)) {
    event.preventDefault();
    notifyProblem(event.reason); // which says nothing of what a left view gave up
  }
});

start();
