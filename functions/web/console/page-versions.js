// The versions of a project: datasets frozen under a hash.

import { getAll, post } from "./api.js";
import { h } from "./dom.js";
import { exportDataset } from "./export-dialog.js";
import { followRow, followRows } from "./following.js";
import { age, count } from "./format.js";
import { button, checkField, choiceField, form, textField } from "./forms.js";
import { badge, emptyState, pageHead, progressBar, table } from "./layout.js";
import { openDialog } from "./notices.js";
import { crumbsOf, loadProject } from "./project.js";
import { go } from "./router.js";
import { signal } from "./signals.js";
import { orderSplits, readShares, sharesField } from "./splits.js";

export default async function showVersions({ params, signal: left }) {
  const [project, found] = await Promise.all([
    loadProject(params.project, left),
    getAll(`/v1/projects/${params.project}/versions`, {}, { signal: left }),
  ]);
  const versions = signal(found);
  const chosen = signal(new Set());
  followRows(versions, "/v1/versions", left);
  const create = async () => {
    const version = await createVersion(project);
    if (!version) return;
    versions.update((all) => [version, ...all]);
    followRow(versions, "/v1/versions", version.id, left);
  };
  const compare = () => {
    const [after, before] = versions.peek().filter((one) => chosen.peek().has(one.id)); // newest first
    go(`/versions/${before.id}/compare/${after.id}`);
  };
  return {
    title: `Versions of ${project.name}`,
    project,
    section: "versions",
    body: () => [
      pageHead({
        title: "Versions",
        crumbs: crumbsOf(project),
        about: "A version is a frozen list of images with their labels and splits. Export it today or in a year: the files are the same.",
        actions: [
          () => versions().length > 1 && h("button", { type: "button", class: "button", disabled: () => chosen().size !== 2, title: "Choose two versions", onclick: compare }, "Compare two"),
          button("New version", { kind: "primary", icon: "plus", onclick: create }),
        ],
      }),
      () =>
        versions().length
          ? versionTable(project, versions(), chosen)
          : emptyState({ icon: "branch", title: "No version yet", text: "Freeze the dataset before you train on it: then you know what the model has seen.", action: button("Make the first version", { kind: "primary", icon: "plus", onclick: create }) }),
    ],
  };
}

function versionTable(project, versions, chosen) {
  const toggle = (id, on) =>
    chosen.update((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  return table({
    caption: "Versions",
    rows: versions,
    path: (version) => `/versions/${version.id}`,
    columns: [
      { name: "Name", cell: (version) => version.name },
      { name: "State", cell: (version) => (version.status === "running" ? progressBar(version.progress, `Freezing ${version.name}`) : badge(version.status)) },
      { name: "Images", number: true, minor: true, cell: (version) => count(version.image_count) },
      { name: "Splits", minor: true, cell: (version) => orderSplits(version.splits).map(([name, images]) => `${name} ${count(images)}`).join(", ") || "–" },
      { name: "Hash", minor: true, cell: (version) => h("code", { title: version.hash }, version.hash?.slice(0, 12) ?? "–") },
      versions.some((version) => version.warnings.length) && { name: "Warnings", number: true, minor: true, cell: (version) => version.warnings.length || "–" },
      { name: "Made", minor: true, cell: (version) => age(version.created_at) },
      versions.length > 1 && {
        name: "Compare",
        minor: true,
        cell: (version) =>
          version.status === "completed" &&
          h("label", { class: "compare-tick" }, h("input", { type: "checkbox", "aria-label": `Compare ${version.name}`, checked: chosen.peek().has(version.id), onchange: (event) => toggle(version.id, event.target.checked) })),
      },
      { name: "", cell: (version) => version.status === "completed" && button("Export", { kind: "small", icon: "download", "aria-label": `Export ${version.name}`, onclick: () => exportDataset({ project, version }) }) },
    ].filter(Boolean),
  });
}

function createVersion(project) {
  return openDialog({
    title: "New version",
    content: (close) => [
      h("p", { class: "dialog-text" }, `A frozen list of the images that are valid, no duplicates and not rejected, with their labels and splits.`),
      form({
        fields: [
          textField({ label: "Name", name: "name", maxlength: 200, value: new Date().toISOString().slice(0, 10), autofocus: true }),
          sharesField(),
          checkField({ label: "Keep each label's share in every split", name: "stratify", checked: true }),
          choiceField({
            label: "Keep together in one split",
            name: "group_by",
            options: [["", "near copies"], ["host", "near copies, and images from one host"], ["source_page", "near copies, and images from one page"]],
          }),
          textField({ label: "Only the label", name: "label", optional: true, pointer: "/filter/label", maxlength: 200 }),
        ],
        submit: "Freeze",
        send: async ({ name, shares, stratify, group_by: group, label }) => {
          const splits = readShares(shares);
          const options = splits ? { splits, ...(stratify && { stratify: "label" }), ...(group && { group_by: group }) } : {};
          close(await post(`/v1/projects/${project.id}/versions`, { name, filter: label ? { label } : {}, ...options }));
        },
      }),
    ],
  });
}
