// Small charts in SVG. What they show is said in words too, for those who do not see them.

import { h, svg } from "./dom.js";
import { short } from "./format.js";

const WIDTH = 640;
const HEIGHT = 160;
const FEWEST = 20; // bars that there is room for; fewer are no wider

/**
 * Draw bars side by side: `bars` of `{name, value, tone?, title}`; `ends` are the texts under the
 * first and the last. `label` says what the chart shows.
 */
export function barChart({ label, bars, ends = [bars[0]?.name, bars.at(-1)?.name], height = HEIGHT }) {
  const most = Math.max(0, ...bars.map((bar) => bar.value));
  if (!most) return h("p", { class: "quiet" }, "Nothing so far.");
  const step = WIDTH / Math.max(FEWEST, bars.length);
  const drawn = bars.map((bar, at) => {
    const tall = bar.value ? Math.max(1.5, (bar.value / most) * height) : 0;
    return svg(
      "rect",
      { class: ["bar", bar.tone], x: at * step + step * 0.08, y: height - tall, width: step * 0.84, height: tall, rx: Math.min(2, step / 4) },
      svg("title", {}, bar.title ?? `${bar.name}: ${bar.value}`),
    );
  });
  return h(
    "figure",
    { class: "chart" },
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${height + 1}`, preserveAspectRatio: "none", role: "img", "aria-label": label, style: { height: `${height}px` } },
      svg("line", { class: "base", x1: 0, x2: WIDTH, y1: height + 0.5, y2: height + 0.5 }),
      drawn,
    ),
    h("figcaption", {}, h("span", {}, ends[0]), h("span", { class: "chart-most" }, `highest ${short(most)}`), h("span", {}, ends[1])),
  );
}
