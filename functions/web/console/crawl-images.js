// The newest pictures of a crawl, as they arrive.

import { get } from "./api.js";
import { isLive } from "./crawl-words.js";
import { h } from "./dom.js";
import { poll } from "./polling.js";
import { link } from "./router.js";

const SHOWN = 24;
const EVERY = 2_000; // milliseconds

/** A strip of pictures, newest first. Those that are shown stay where they are until others come. */
export function arrivals({ job, project, left }) {
  const query = { crawl_job_id: job.peek().id, limit: SHOWN, thumbnails: true };
  const strip = h("ul", { class: "arrivals", "aria-label": "Newest images" });
  const places = Array.from({ length: SHOWN }, () => h("li", { class: "arrival-place" }));
  const shown = new Map();
  const awaited = isLive(job.peek()); // places of pictures to come; when all are there, none are kept
  if (awaited) strip.append(...places);
  let seen = -1;
  poll(async () => {
    const now = job.peek();
    const number = now.downloaded_images + now.duplicate_images;
    if (number !== seen) {
      const { items } = await get(`/v1/projects/${project.id}/images`, query, left);
      seen = number;
      arrange(strip, shown, items.filter((image) => image.thumbnail_url), awaited ? places : []);
    }
    return isLive(now) ? EVERY : null;
  }, { signal: left });
  return h(
    "section",
    { class: "arrivals-box", "aria-label": "Newest images", hidden: () => !isLive(job()) && job().downloaded_images + job().duplicate_images === 0 },
    strip,
  );
}

/** Put the pictures into the strip; one that is there already is moved, not loaded again. */
function arrange(strip, shown, images, places) {
  for (const [id, element] of shown) {
    if (images.some((image) => image.id === id)) continue;
    element.remove();
    shown.delete(id);
  }
  const elements = images.map((image) => {
    if (!shown.has(image.id)) shown.set(image.id, picture(image));
    return shown.get(image.id);
  });
  strip.prepend(...elements);
  places.forEach((place, at) => (place.hidden = at >= SHOWN - elements.length));
}

function picture(image) {
  const name = image.label ?? image.caption ?? image.file_name ?? "An image";
  return h(
    "li",
    { class: "arrival" },
    h("a", { href: link(`/projects/${image.project_id}`, { crawl_job_id: image.crawl_job_id, image: image.id }), title: name }, h("img", { src: image.thumbnail_url, alt: name, loading: "lazy", decoding: "async" })),
  );
}
