// The project that a view is about.

import { get } from "./api.js";

/** Load a project: `{id, name, …}`. */
export function loadProject(id, left) {
  return get(`/v1/projects/${id}`, {}, left);
}

/** The crumbs of a view within a project. */
export function crumbsOf(project, ...further) {
  return [["Projects", "/projects"], [project.name, `/projects/${project.id}`], ...further];
}

/** The states that a job does not leave. */
export const ENDED = new Set(["completed", "failed", "cancelled"]);
