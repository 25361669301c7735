// A histogram with limits that can be dragged, or moved by the arrow keys.

import { h, svg } from "./dom.js";
import { amount, count, decimal } from "./format.js";
import { signal } from "./signals.js";

const WIDTH = 600;
const HEIGHT = 110;
const STEPS = 4; // of a limit within a bar

/**
 * Draw a measure's histogram: `edges` has one number more than `counts`. `sides` says which limits
 * there are, "min" and "max"; `say` words a value; `onlimit(side, value)` hears of changes, null where a limit is off.
 */
export function limitChart({ name, edges, counts, sides, unit = "", say = (value) => show(value) + unit, onlimit }) {
  const last = counts.length;
  const most = Math.max(1, ...counts);
  const low = signal(0);
  const high = signal(last);
  const place = { min: low, max: high };
  const move = (side, to) => {
    const [floor, ceiling] = side === "min" ? [0, sides.includes("max") ? high.peek() : last] : [sides.includes("min") ? low.peek() : 0, last];
    const next = Math.min(ceiling, Math.max(floor, Math.round(to * STEPS) / STEPS));
    if (next === place[side].peek()) return;
    place[side].set(next);
    onlimit(side, isOff(side, next, last) ? null : valueAt(edges, next));
  };
  const drawing = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "limit-bars", "aria-hidden": "true" },
    counts.map((value, at) => {
      const tall = value ? Math.max(2, (value / most) * (HEIGHT - 4)) : 0;
      return svg(
        "rect",
        { class: () => ["bar", (at + 1 <= low() || at >= high()) && "bad"], x: (at * WIDTH) / last + 0.5, width: WIDTH / last - 1, y: HEIGHT - tall, height: tall },
        svg("title", {}, `${say(edges[at])} to ${say(edges[at + 1])}: ${count(value)}`),
      );
    }),
  );
  const area = h("div", { class: "limit-area" }, drawing, sides.map((side) => handle({ name, side, edges, last, say, at: place[side], move, area: () => area })));
  return h(
    "figure",
    { class: "chart limit-chart" },
    area,
    h("figcaption", {}, h("span", {}, say(edges[0])), h("span", { class: "chart-most" }, `tallest bar: ${amount(most, "image")}`), h("span", {}, say(edges.at(-1)))),
  );
}

function handle({ name, side, edges, last, say, at, move, area }) {
  const text = () => (isOff(side, at(), last) ? "no limit" : say(valueAt(edges, at())));
  return h(
    "div",
    {
      class: ["limit", side],
      role: "slider",
      tabindex: "0",
      "aria-label": `${name}: ${side === "min" ? "at least" : "at most"}`,
      "aria-valuemin": 0,
      "aria-valuemax": last,
      "aria-valuenow": at,
      "aria-valuetext": text,
      style: () => ({ left: `${(100 * at()) / last}%` }),
      onpointerdown: (event) => event.target.closest(".limit").setPointerCapture(event.pointerId),
      onpointermove: (event) => {
        if (!event.target.closest(".limit")?.hasPointerCapture(event.pointerId)) return;
        const box = area().getBoundingClientRect();
        move(side, ((event.clientX - box.left) / box.width) * last);
      },
      onkeydown: (event) => {
        const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -STEPS * 4, PageUp: STEPS * 4, Home: -Infinity, End: Infinity }[event.key];
        if (!step) return;
        event.preventDefault();
        move(side, Number.isFinite(step) ? at.peek() + step / STEPS : step < 0 ? 0 : last);
      },
    },
    h("span", { class: "limit-text" }, () => (isOff(side, at(), last) ? "" : text())),
  );
}

function isOff(side, at, last) {
  return side === "min" ? at <= 0 : at >= last;
}

function valueAt(edges, at) {
  const whole = Math.min(edges.length - 2, Math.floor(at));
  return edges[whole] + (edges[whole + 1] - edges[whole]) * (at - whole);
}

function show(value) {
  return Math.abs(value) >= 20 ? count(Math.round(value)) : decimal(value);
}
