// The gallery by keyboard.

import { h } from "./dom.js";
import { openDialog } from "./notices.js";

const KEYS = [
  ["← ↑ → ↓", "Move; with Shift, select on the way"],
  ["PgUp PgDn Home End", "A screen up or down, to the first, to the last"],
  ["Space", "Look at it large; arrows go on from there"],
  ["Enter", "Open or close the details"],
  ["V", "Select it, or not"],
  ["1 – 9", "Give the label with this number"],
  ["0", "Take the label away"],
  ["L", "Give another label"],
  ["C", "Write a caption"],
  ["X", "Reject, or take a rejection back"],
  ["U", "Undo the latest change, then those before"],
  ["S", "Show similar pictures"],
  ["Ctrl or ⌘ + A", "Select all that pass the filters"],
  ["Esc", "Clear the selection, then close what is open"],
  ["/", "Search"],
  ["?", "Show these keys"],
];

/** Show the keys. */
export function showKeys() {
  return openDialog({
    title: "Keys",
    content: () => h("dl", { class: "keys" }, KEYS.map(([keys, text]) => h("div", {}, h("dt", {}, h("kbd", {}, keys)), h("dd", {}, text)))),
  });
}

/**
 * Return what heeds a key. Without a choice, actions are about the image that is focused; `grid` is
 * what it moves in, and `count()` the number of images.
 */
export function makeKeys({ grid, selection, actions, labels, count, choose, preview, toggleDetail, similar, search, close }) {
  let anchor = null; // index where a range began

  const move = (index, extend) => {
    const last = (count() ?? 0) - 1;
    const to = Math.max(0, Math.min(index, last));
    const from = grid.focused.peek();
    if (extend) choose((anchor ??= from), to);
    else anchor = null;
    grid.focus(to);
  };

  const moves = {
    ArrowLeft: (at) => at - 1,
    ArrowRight: (at) => at + 1,
    ArrowUp: (at) => (at < grid.columns() ? at : at - grid.columns()),
    ArrowDown: (at) => (at + grid.columns() >= (count() ?? 0) ? at : at + grid.columns()),
    PageUp: (at) => at - grid.columns() * grid.rows(),
    PageDown: (at) => at + grid.columns() * grid.rows(),
    Home: () => 0,
    End: () => (count() ?? 1) - 1,
  };
  const works = {
    " ": preview,
    Enter: toggleDetail,
    v: () => choose.toggle(grid.focused.peek()),
    x: () => actions.reject(),
    u: () => actions.undo(),
    l: () => actions.askLabel(),
    c: () => actions.askCaption(),
    s: similar,
    0: () => actions.label(null),
    "/": search,
    "?": showKeys,
    Escape: () => (selection.size() ? selection.clear() : close()),
  };

  return (event) => {
    if (event.altKey || event.defaultPrevented) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (command && key === "a") {
      event.preventDefault();
      return selection.all();
    }
    if (command) return;
    const number = /^[1-9]$/.test(key) ? labels.peek()[Number(key) - 1] : null;
    const work = moves[key] ? () => move(moves[key](grid.focused.peek()), event.shiftKey) : number ? () => actions.label(number) : works[key];
    if (!work) return;
    event.preventDefault();
    work();
  };
}
