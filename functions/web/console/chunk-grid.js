// A cell for every chunk of a crawl, drawn on a canvas: ten thousand are as quick as ten.

import { h } from "./dom.js";
import { amount, count, words } from "./format.js";
import { card } from "./layout.js";
import { effect, onEnd, signal } from "./signals.js";

const STATES = ["completed", "running", "pending", "failed", "cancelled"];
const SIZES = [22, 18, 14, 11, 9, 7, 5]; // pixels from cell to cell
const HEIGHT = 260;
const KIND_WORDS = { urls: "images", pages: "web pages", manifest: "rows of a table", keywords: "a search", variants: "other sizes" };

/** Make the grid. Arrow keys go from cell to cell; each says what it is. */
export function makeChunkGrid({ chunks }, job) {
  const at = signal(null); // the cell that is looked at
  const grid = { columns: 1, pitch: SIZES[0] };
  const canvas = h("canvas", { class: "chunk-canvas", "aria-hidden": "true" });
  const tip = h("div", { class: "chunk-tip", hidden: () => at() === null || !chunks()[at()] }, () => chunks()[at()] && listFacts(chunks()[at()]).map((fact) => h("div", {}, fact)));
  const swatches = Object.fromEntries(STATES.map((state) => [state, h("span", { class: ["swatch", state], "aria-hidden": "true" })]));
  const box = h(
    "div",
    {
      class: "chunk-grid",
      role: "slider",
      tabindex: "0",
      "aria-label": "Parts of the crawl, one by one",
      "aria-valuemin": 1,
      "aria-valuemax": () => Math.max(1, chunks().length),
      "aria-valuenow": () => Math.min(chunks().length, (at() ?? 0) + 1) || 1,
      "aria-valuetext": () => describe(chunks()[at() ?? 0]),
      onkeydown: (event) => move(event, at, chunks.peek().length, grid),
      onfocus: () => at.update((now) => now ?? 0),
      onblur: () => at.set(null),
      onpointermove: (event) => at.set(find(event, canvas, grid, chunks.peek().length)),
      onpointerleave: () => at.set(null),
    },
    canvas,
    tip,
  );
  const redraw = signal(0);
  const watcher = new ResizeObserver(() => redraw.update((number) => number + 1));
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  // Styles are of the new scheme from the next frame on.
  const change = () => requestAnimationFrame(() => redraw.update((number) => number + 1));
  watcher.observe(box);
  scheme.addEventListener("change", change);
  onEnd(() => (watcher.disconnect(), scheme.removeEventListener("change", change)));
  effect(() => {
    redraw();
    const shown = chunks();
    if (!box.clientWidth) return;
    draw(canvas, box.clientWidth, shown, at(), swatches, grid);
    placeTip(tip, at(), grid, box.clientWidth);
  });
  return card("Parts", summary(chunks, swatches), () => (chunks().length ? null : h("p", { class: "quiet small" }, job().status === "pending" ? "The crawl is being planned." : "There are none.")), box);
}

function summary(chunks, swatches) {
  const tally = (state) => chunks().reduce((sum, chunk) => sum + (chunk.status === state), 0);
  return h(
    "ul",
    { class: "chunk-legend" },
    STATES.map((state) => h("li", { hidden: () => !["completed", "running", "pending"].includes(state) && !tally(state) }, swatches[state], h("span", {}, () => `${count(tally(state))} ${words(state)}`))),
  );
}

function move(event, at, number, { columns }) {
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: 10 * columns, PageUp: -10 * columns, Home: -Infinity, End: Infinity };
  const step = steps[event.key];
  if (!step || !number) return;
  event.preventDefault();
  at.set(Math.min(number - 1, Math.max(0, (at.peek() ?? 0) + step)));
}

function find(event, canvas, { columns, pitch }, number) {
  const { left, top } = canvas.getBoundingClientRect();
  const [column, row] = [Math.floor((event.clientX - left) / pitch), Math.floor((event.clientY - top) / pitch)];
  const place = row * columns + column;
  return column >= 0 && column < columns && place >= 0 && place < number ? place : null;
}

function draw(canvas, width, chunks, at, swatches, grid) {
  grid.pitch = SIZES.find((size) => Math.ceil(chunks.length / Math.floor(width / size)) * size <= HEIGHT) ?? SIZES.at(-1);
  grid.columns = Math.max(1, Math.floor(width / grid.pitch));
  const height = Math.max(1, Math.ceil(chunks.length / grid.columns)) * grid.pitch;
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.setProperty("width", `${width}px`);
  canvas.style.setProperty("height", `${height}px`);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const colours = Object.fromEntries(STATES.map((state) => [state, getComputedStyle(swatches[state]).color]));
  const text = getComputedStyle(canvas).color;
  const side = grid.pitch - (grid.pitch > 7 ? 3 : 1);
  chunks.forEach((chunk, place) => {
    const [x, y] = [(place % grid.columns) * grid.pitch, Math.floor(place / grid.columns) * grid.pitch];
    drawCell(pen, chunk, x, y, side, colours);
    if (place !== at) return;
    pen.strokeStyle = text;
    pen.lineWidth = 2;
    pen.strokeRect(x - 0.5, y - 0.5, side + 1, side + 1);
  });
}

/** States differ in form as well as in colour: pale, filled in part, full, a stroke across. */
function drawCell(pen, chunk, x, y, side, colours) {
  pen.fillStyle = colours[chunk.status];
  pen.strokeStyle = colours[chunk.status];
  pen.lineWidth = 1;
  if (chunk.status !== "running" && chunk.status !== "cancelled") pen.fillRect(x, y, side, side);
  else pen.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  if (chunk.status === "running") {
    const share = chunk.url_count ? (chunk.downloaded + chunk.failed) / chunk.url_count : 0;
    const filled = Math.max(0.25, Math.min(1, share)) * side;
    pen.fillRect(x, y + side - filled, side, filled);
  }
  if (chunk.status === "failed" || chunk.status === "cancelled") {
    pen.strokeStyle = chunk.status === "failed" ? "#fff" : colours.cancelled;
    pen.beginPath();
    pen.moveTo(x + 2, y + side - 2);
    pen.lineTo(x + side - 2, y + 2);
    pen.stroke();
  }
}

function placeTip(tip, at, { columns, pitch }, width) {
  if (at === null) return;
  const [x, y] = [(at % columns) * pitch, Math.floor(at / columns) * pitch];
  tip.style.setProperty("top", `${y + pitch + 4}px`);
  tip.style.setProperty(x > width / 2 ? "right" : "left", `${x > width / 2 ? width - x - pitch : x}px`);
  tip.style.setProperty(x > width / 2 ? "left" : "right", "auto");
}

/** The sentence that a screen reader says of a chunk. */
const describe = (chunk) => (chunk ? listFacts(chunk).join(", ") : "none yet");

function listFacts({ position, kind, status, url_count: addresses, downloaded, failed, attempts, error, due_at: due }) {
  return [
    `Part ${count(position + 1)}: ${words(status)}`,
    addresses ? amount(addresses, "address", "addresses") : KIND_WORDS[kind],
    addresses > 0 && `${count(downloaded)} brought an image, ${count(failed)} failed`,
    attempts > 1 && `begun ${amount(attempts, "time")}`,
    due && status === "pending" && `waits for its hosts until ${new Date(due).toLocaleTimeString()}`,
    error,
  ].filter(Boolean);
}
