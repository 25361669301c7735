// Two versions side by side: what came, what went, what is otherwise.

import { get } from "./api.js";
import { h } from "./dom.js";
import { count } from "./format.js";
import { button } from "./forms.js";
import { badge, emptyState, pageHead, stat } from "./layout.js";
import { crumbsOf, loadProject } from "./project.js";
import { signal } from "./signals.js";

const PAGE = 60;
const WORDS = { added: "added", removed: "removed", changed: "changed" };
const FIELDS = ["label", "caption", "split", "license", "attribution"];

export default async function showComparison({ params, signal: left }) {
  const [before, after] = await Promise.all([get(`/v1/versions/${params.before}`, {}, left), get(`/v1/versions/${params.after}`, {}, left)]);
  const project = await loadProject(after.project_id, left);
  const changes = signal([]);
  const cursor = signal(null);
  const more = async () => {
    const page = await get(`/v1/versions/${before.id}/diff/${after.id}`, { limit: PAGE, cursor: cursor.peek() }, left);
    const pictures = await Promise.all(page.items.map((change) => loadPicture(change, left)));
    changes.update((all) => [...all, ...page.items.map((change, at) => ({ ...change, picture: pictures[at] }))]);
    cursor.set(page.next_cursor);
  };
  await more();
  return {
    title: `${before.name} and ${after.name}`,
    project,
    section: "versions",
    body: () => [
      pageHead({
        title: [before.name, " → ", after.name],
        crumbs: crumbsOf(project, ["Versions", `/projects/${project.id}/versions`]),
      }),
      h("dl", { class: "stats" }, stat(before.name, count(before.image_count)), stat(after.name, count(after.image_count)), () =>
        Object.keys(WORDS).map((kind) => stat(cursor() ? `${kind}, so far` : kind, count(changes().filter((one) => one.change === kind).length))),
      ),
      () => (changes().length ? h("ul", { class: "change-grid" }, changes().map(changeCard)) : emptyState({ icon: "scale", title: "They hold the same", text: "Images, labels, captions, splits and rights agree." })),
      () => cursor() && h("p", { class: "more" }, button("Show more", { onclick: more })),
    ],
  };
}

/** Return the address of a change's thumbnail; null where the image is deleted by now. */
async function loadPicture(change, left) {
  try {
    return (await get(`/v1/images/${change.image_id}`, { thumbnails: true }, left)).thumbnail_url;
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

function changeCard(change) {
  const differing = change.change === "changed" ? FIELDS.filter((field) => change.before[field] !== change.after[field]) : [];
  const rights = change.change === "changed" && change.before.rights !== change.after.rights;
  const side = change.after ?? change.before;
  return h(
    "li",
    { class: "change" },
    change.picture ? h("img", { src: change.picture, alt: "", loading: "lazy" }) : h("span", { class: "no-picture" }, "deleted"),
    h(
      "div",
      {},
      badge({ added: "completed", removed: "failed", changed: "duplicate" }[change.change], WORDS[change.change]),
      change.change === "changed"
        ? [differing.map((field) => h("p", {}, `${field}: `, h("del", {}, change.before[field] ?? "none"), " ", h("ins", {}, change.after[field] ?? "none"))), rights && h("p", {}, "other rights")]
        : h("p", {}, [side.label ?? "no label", side.split].filter(Boolean).join(", ")),
    ),
  );
}
