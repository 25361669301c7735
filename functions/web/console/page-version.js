// One version: what it holds, what it lost, its splits and classes, and how to load it.

import { get, remove } from "./api.js";
import { h } from "./dom.js";
import { exportDataset } from "./export-dialog.js";
import { followJob } from "./following.js";
import { count, moment, words } from "./format.js";
import { button } from "./forms.js";
import { badge, card, linkButton, pageHead, progressBar, shareBars, stat, table } from "./layout.js";
import { confirmAction, notify, notifyProblem } from "./notices.js";
import { crumbsOf, ENDED, loadProject } from "./project.js";
import { go } from "./router.js";
import { signal } from "./signals.js";
import { orderSplits } from "./splits.js";

export default async function showVersion({ params, signal: left }) {
  const path = `/v1/versions/${params.version}`;
  const version = signal(await get(path, {}, left));
  const project = await loadProject(version.peek().project_id, left);
  const classes = signal(null);
  const complete = () => loadClasses(project, version.peek(), left).then(classes.set, notifyProblem);
  if (ENDED.has(version.peek().status)) complete();
  else followJob(path, version.set, left).then(complete, notifyProblem);
  return {
    title: version.peek().name,
    project,
    section: "versions",
    body: () => [
      pageHead({
        title: version.peek().name,
        crumbs: crumbsOf(project, ["Versions", `/projects/${project.id}/versions`]),
        about: () => [badge(version().status), ` ${moment(version().created_at)}`],
        actions: [
          () => version().status === "completed" && button("Export", { kind: "primary", icon: "download", onclick: () => exportDataset({ project, version: version.peek() }) }),
          linkButton("See the images", `/projects/${project.id}`, { icon: "grid", query: { version_id: params.version } }),
          button("Delete", { kind: "quiet-danger", icon: "trash", onclick: () => deleteVersion(version.peek()) }),
        ],
      }),
      () => state(version()),
      () =>
        h(
          "dl",
          { class: "stats" },
          stat("Images", count(version().image_count)),
          orderSplits(version().splits).map(([name, images]) => stat(name, count(images))),
          version().missing_images > 0 && stat("Deleted since", count(version().missing_images), { tone: "warn" }),
        ),
      h(
        "div",
        { class: "cards spaced" },
        () => classes() && balanceCard(classes(), Object.keys(version().splits)),
        () => lossCard(version()),
        () => proofCard(version()),
      ),
    ],
  };
}

function state(version) {
  if (!ENDED.has(version.status)) return h("div", { class: "banner busy" }, "Freezing: hashes are compared, groups of near copies are made.", progressBar(version.progress, "Freezing"));
  return [version.error && h("p", { class: "banner bad" }, version.error), version.warnings.map((one) => h("p", { class: "banner warn" }, one))];
}

/** Return the labels' counts of each split: `[[split, {label: count}], …]`. */
async function loadClasses(project, version, left) {
  if (version.status !== "completed") return null;
  const splits = orderSplits(version.splits).map(([name]) => name);
  const queries = splits.length ? splits.map((split) => ({ version_id: version.id, split })) : [{ version_id: version.id }];
  const answers = await Promise.all(queries.map((query) => get(`/v1/projects/${project.id}/images/facets`, query, left)));
  return answers.map((answer, at) => [splits[at] ?? "all", new Map(answer.label.map((one) => [one.value, one.count]))]);
}

function balanceCard(classes, splits) {
  const labels = [...new Set(classes.flatMap(([, counts]) => [...counts.keys()]))];
  if (!splits.length) return card("Labels", shareBars(labels.map((label) => ({ name: label ?? "no label", value: classes[0][1].get(label) ?? 0 }))));
  return card(
    "Labels in each split",
    table({
      caption: "Images of each label in each split",
      rows: labels,
      columns: [
        { name: "Label", cell: (label) => label ?? "no label" },
        ...classes.map(([split, counts]) => ({ name: split, number: true, cell: (label) => count(counts.get(label) ?? 0) })),
      ],
    }),
  );
}

function lossCard(version) {
  if (!version.missing_images) return null;
  return card("Deleted since it was frozen", h("ul", { class: "mono small" }, version.missing.map((one) => h("li", {}, one.sha256))));
}

function proofCard(version) {
  const options = version.split_options;
  const rows = [
    ["Hash", h("code", {}, version.hash ?? "–")],
    ["Chosen", Object.entries(version.filter).map(([name, value]) => `${words(name)}: ${value}`).join(", ") || "all valid images"],
    version.splits && Object.keys(version.splits).length > 0 && ["Kept together", `near copies (at most ${options.leak_distance ?? 8} of 64 bits differ)${options.group_by ? `, and images from one ${[options.group_by].flat().map(words).join(" or ")}` : ""}`],
  ].filter(Boolean);
  return card(
    "About this version",
    h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("p", { class: "hint spaced" }, "The same content has the same hash everywhere. Archives of a version with splits hold split_proof.json: the groups, the pairs that were compared, and that none crosses."),
  );
}

async function deleteVersion(version) {
  const sure = await confirmAction({ title: `Delete ${version.name}?`, text: "The images stay. What was frozen can be made again only from what the project holds then.", action: "Delete the version" });
  if (!sure) return;
  try {
    await remove(`/v1/versions/${version.id}`);
    notify("The version is deleted.");
    go(`/projects/${version.project_id}/versions`);
  } catch (error) {
    notifyProblem(error);
  }
}
