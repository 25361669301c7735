// Drawings of 24 by 24, in the colour of the text around them.

import { svg } from "./dom.js";

const PATHS = {
  alert: "M12 8v5m0 3.2v.1M10.3 4 2.6 17.4A2 2 0 0 0 4.3 20.4h15.4a2 2 0 0 0 1.7-3L13.7 4a2 2 0 0 0-3.4 0Z",
  arrow: "M5 12h14m-6-6 6 6-6 6",
  back: "M19 12H5m6 6-6-6 6-6",
  branch: "M6 4v10m0 0a3 3 0 1 0 .1 0ZM18 10a3 3 0 1 0-.1 0Zm0 0c0 4-5 5-9.2 5.4",
  chart: "M4 20V4m0 16h16M8.5 16v-4m4 4V8m4 8v-6",
  check: "m5 12.5 4.5 4.5L19 7.5",
  chevron: "m9 6 6 6-6 6",
  close: "m6 6 12 12M18 6 6 18",
  copy: "M9 9h10v10H9zM5 15V5h10",
  cube: "m12 3 8 4.5v9L12 21l-8-4.5v-9L12 3Zm0 9 8-4.5M12 12v9m0-9L4 7.5",
  download: "M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14",
  external: "M14 5h5v5m0-5-8 8M10 6H5v13h13v-5",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm9.5-3a3 3 0 1 0 .1 0Z",
  filter: "M4 6h16M7 12h10M10 18h4",
  folder: "M3.5 6.5a1.5 1.5 0 0 1 1.5-1.5h4l2 2.5h8a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H5a1.5 1.5 0 0 1-1.5-1.5z",
  globe: "M12 3a9 9 0 1 0 .1 0Zm0 0c5.3 5.5 5.3 12.5 0 18-5.3-5.5-5.3-12.5 0-18ZM3.5 9.500h17m-17 5h17",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  image: "M4 5h16v14H4zM4 16l4.5-4.5 4 4 2.5-2.5 5 5M15.5 9.500h.1",
  key: "M14.5 9.500a4.5 4.5 0 1 0-3.2 4.300L13 15.500h2v2h2v2h3v-3.200l-5.8-5.800c.2-.3.3-.6.3-1Z",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.1m-.1 6h.1m-.1 6h.1",
  menu: "M4 7h16M4 12h16M4 17h16",
  minus: "M5 12h14",
  more: "M5.5 12h.1m6.4 0h.1m6.4 0h.1",
  pencil: "m4 20 1-4.500L16 4.500l3.500 3.500L8.500 19 4 20Zm9.500-13 3.500 3.500",
  play: "M7 4.500v15l12-7.500z",
  plus: "M12 5v14M5 12h14",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.3-5.400M19.5 4v4h-4",
  scale: "M12 4v16M7 20h10M5 7h14M5 7l-2.5 6a3 3 0 0 0 5 0zM19 7l-2.5 6a3 3 0 0 0 5 0z",
  search: "M10.5 4a6.5 6.5 0 1 0 .1 0Zm4.8 11.300L20 20",
  shield: "M12 3 5 5.500V11c0 4.5 3 8 7 10 4-2 7-5.5 7-10V5.500L12 3Z",
  stop: "M7 7h10v10H7z",
  tag: "M4 4h8l8 8-8 8-8-8zM8 8h.1",
  trash: "M4.5 7h15M10 4h4M6.5 7l1 13h9l1-13M10 11v5m4-5v5",
  undo: "M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4",
  upload: "M12 15V4m4.5 4.500L12 4 7.5 8.500M5 20h14",
  user: "M12 4a4 4 0 1 0 .1 0ZM4.5 20.500c.6-4 3.6-6.5 7.5-6.500s6.9 2.5 7.5 6.5",
};

/** Draw an icon. It is hidden from screen readers: what it stands for is said in words beside it. */
export function icon(name, size = 18) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", width: size, height: size, class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
}
