// The list of projects, with a few pictures of each.

import { get, listAll, patch, post, remove } from "./api.js";
import { h } from "./dom.js";
import { age, amount } from "./format.js";
import { areaField, button, form, textField } from "./forms.js";
import { icon } from "./icons.js";
import { emptyState, pageHead } from "./layout.js";
import { confirmAction, notify, notifyProblem, openDialog } from "./notices.js";
import { go, link } from "./router.js";
import { signal } from "./signals.js";

const PREVIEWS = 4;

export default async function showProjects({ signal: left }) {
  const projects = signal([]);
  const load = async () => {
    const all = [];
    for await (const project of listAll("/v1/projects", {}, { signal: left })) all.push(project);
    projects.set(all);
  };
  await load();
  return {
    title: "Projects",
    section: "projects",
    body: () => [
      pageHead({ title: "Projects", actions: [() => projects().length > 0 && button("New project", { kind: "primary", icon: "plus", onclick: createProject })] }),
      () =>
        projects().length
          ? h("ul", { class: "project-grid" }, projects().map((project) => projectCard(project, load, left)))
          : emptyState({
              icon: "folder",
              title: "No project yet",
              text: "A project holds one dataset. Add images to it, sort out the bad ones, freeze a version, and download it for training.",
              action: button("Make the first project", { kind: "primary", icon: "plus", onclick: createProject }),
            }),
    ],
  };
}

function projectCard(project, reload, left) {
  return h(
    "li",
    { class: "project-card" },
    h("a", { class: "project-link", href: link(`/projects/${project.id}`) }, previews(project, left), h("h2", { title: project.name }, project.name)),
    h("p", { class: "quiet" }, `${amount(project.image_count, "image")} · ${age(project.updated_at)}`),
    h(
      "div",
      { class: "project-tools" },
      h("button", { type: "button", class: "icon-button", "aria-label": `Rename ${project.name}`, title: "Rename", onclick: () => renameProject(project, reload) }, icon("pencil", 16)),
      h("button", { type: "button", class: "icon-button", "aria-label": `Delete ${project.name}`, title: "Delete", onclick: () => deleteProject(project, reload) }, icon("trash", 16)),
    ),
  );
}

function previews(project, left) {
  const images = signal([]);
  if (project.image_count) {
    get(`/v1/projects/${project.id}/images`, { limit: PREVIEWS, valid: true, duplicate: false, thumbnails: true }, left)
      .then((page) => images.set(page.items.filter((image) => image.thumbnail_url)))
      .catch(() => {}); // the card says the rest
  }
  return h(
    "div",
    { class: "previews" },
    () => images().map((image) => h("img", { src: image.thumbnail_url, alt: "", loading: "lazy" })),
    () => Array.from({ length: PREVIEWS - images().length }, () => h("span", { class: "no-preview" })),
  );
}

function projectFields(project = {}) {
  return [
    textField({ label: "Name", name: "name", value: project.name ?? "", maxlength: 200, autofocus: true }),
    areaField({ label: "Description", name: "description", optional: true, value: project.description ?? "", rows: 3 }),
  ];
}

/** Ask for a name and make a project; it is shown then. */
export async function createProject() {
  const project = await openDialog({
    title: "New project",
    content: (close) =>
      form({ fields: projectFields(), submit: "Make the project", send: async (data) => close(await post("/v1/projects", data)) }),
  });
  if (project) go(`/projects/${project.id}`);
}

async function renameProject(project, reload) {
  const changed = await openDialog({
    title: "Rename the project",
    content: (close) =>
      form({
        fields: projectFields(project),
        submit: "Save",
        send: async (data) => close(await patch(`/v1/projects/${project.id}`, { description: null, ...data })),
      }),
  });
  if (changed) await reload();
}

async function deleteProject(project, reload) {
  const sure = await confirmAction({
    title: `Delete “${project.name}”?`,
    text: `Its ${amount(project.image_count, "image")}, crawls, versions and exports go with it. This cannot be undone.`,
    action: "Delete the project",
  });
  if (!sure) return;
  try {
    await remove(`/v1/projects/${project.id}`);
    notify("The project is deleted.");
  } catch (error) {
    notifyProblem(error);
  }
  await reload();
}
