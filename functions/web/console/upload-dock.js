// The state of uploads, at the foot of every view until they are over and dismissed.

import { h } from "./dom.js";
import { amount, bytes, duration } from "./format.js";
import { button } from "./forms.js";
import { icon } from "./icons.js";
import { progressBar } from "./layout.js";
import { confirmAction } from "./notices.js";
import { address, link } from "./router.js";
import { computed, effect, makeScope, signal } from "./signals.js";
import { changes, clearUploads, items, readTallies, retryUploads, sending, stopUploads } from "./uploads.js";

const SHOWN = 100; // of failed files
let dock = null;

/** Show the dock, if it is not shown yet. */
export function showDock() {
  if (dock) return;
  const scope = makeScope();
  const element = scope.run(makeDock);
  document.body.append(element);
  // Notices stand above it, however high it is.
  const observer = new ResizeObserver(() => document.body.style.setProperty("--dock", `${element.offsetHeight}px`));
  observer.observe(element);
  dock = {
    close() {
      scope.end();
      observer.disconnect();
      document.body.style.removeProperty("--dock");
      element.remove();
      dock = null;
      clearUploads();
    },
  };
}

function makeDock() {
  const open = signal(true);
  const tallies = computed(() => (changes(), readTallies()));
  const running = computed(() => tallies().running);
  const failed = computed(() => tallies().failed);
  let begun = address.peek().path;
  effect(() => {
    // What is all sent takes little room once somebody goes on.
    const { path } = address();
    if (path !== begun && !running() && !failed()) open.set(false);
    begun = path;
  });
  return h(
    "section",
    { class: "dock", "aria-label": "Uploads" },
    h(
      "header",
      { class: "dock-head" },
      h("div", { class: () => ["dock-title", !running() && failed() > 0 && "incomplete"], role: "status" }, () => title(running(), failed(), items.length)),
      h("button", { type: "button", class: "icon-button dock-toggle", "aria-label": "Details", "aria-expanded": () => String(open()), onclick: () => open.update((now) => !now) }, icon("chevron", 18)),
      () => !running() && h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => dock.close() }, icon("close")),
    ),
    progressBar(() => share(tallies()), "Uploaded"),
    h(
      "div",
      { class: "dock-body", hidden: () => !open() },
      () => (running() || failed() > 0) && h("p", { class: "small quiet", "aria-hidden": "true" }, () => describe(tallies())),
      () => running() && sendingFiles(),
      () => failed() > 0 && failures(failed()),
      () => h("div", { class: "form-actions" }, actions(running(), failed())),
    ),
  );
}

function title(running, failed, number) {
  if (running) return [h("span", { class: "spinner", "aria-hidden": "true" }), `Uploading ${amount(number, "image")}`];
  if (failed) return [icon("alert"), `${amount(failed, "image")} of ${number} not uploaded`];
  return [icon("check"), `${amount(number, "image")} uploaded`];
}

const share = ({ sentBytes, bytes: all }) => (all ? (100 * sentBytes) / all : 0);

function describe({ sent, sentBytes, bytes: all, begun, running }) {
  const line = `${amount(sent, "image")} sent · ${bytes(sentBytes)} of ${bytes(all)}`;
  const rate = sentBytes / ((Date.now() - begun) / 1000);
  return running && sentBytes > 0 ? `${line} · ${duration((all - sentBytes) / rate)} left` : line;
}

function sendingFiles() {
  const shown = computed(() => (changes(), [...sending].map(({ path }) => path).join("\n")));
  return h("ul", { class: "dock-files" }, () => {
    shown();
    return [...sending].map((item) =>
      h("li", {}, h("span", { class: "dock-name", title: item.path }, item.path.split("/").slice(-2).join("/")), h("span", { class: "quiet small" }, () => (changes(), item.sent ? `${Math.floor((100 * item.sent) / item.file.size)} %` : bytes(item.file.size)))),
    );
  });
}

function failures(number) {
  const failed = items.filter((item) => item.state === "failed");
  return h(
    "ul",
    { class: "dock-files dock-failed", tabindex: "0", "aria-label": "Not uploaded" },
    failed.slice(0, SHOWN).map(({ path, error }) => h("li", {}, h("span", { class: "dock-name", title: path }, path), h("span", { class: "error small" }, error))),
    number > SHOWN && h("li", { class: "quiet small" }, `and ${amount(number - SHOWN, "more", "more")}`),
  );
}

function actions(running, failed) {
  if (running) return button("Stop", { class: "button small", onclick: stop });
  const projects = new Map(items.map(({ project }) => [project.id, project]));
  return [
    failed > 0 && button("Try again", { class: "button small primary", icon: "retry", onclick: retryUploads }),
    [...projects.values()].map((project) => h("a", { class: ["button", "small", !failed && "primary"], href: link(`/projects/${project.id}`), onclick: () => failed || dock.close() }, h("span", {}, projects.size > 1 ? `See “${project.name}”` : "See the images"))),
  ];
}

async function stop() {
  const sure = await confirmAction({ title: "Stop the upload?", text: "What has been sent stays. The rest can be sent with “Try again”.", action: "Stop the upload" });
  if (sure) stopUploads();
}
