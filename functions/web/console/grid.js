// A grid of as many images as there are: only what is visible and half a screen around it stands in
// the page, in cells that are used again.

import { h } from "./dom.js";
import { drawCell, hideCell, makeCell } from "./grid-cell.js";
import { makeScroll } from "./grid-scroll.js";
import { effect, onEnd, signal } from "./signals.js";

const GAP = 8;
const FAST = 2.5; // screens between two frames, from which on pictures are not asked for in passing
const MOST_TIME = 4; // milliseconds of a frame for filling cells, so that it is never late
const SETTLED = 90; // milliseconds without scrolling

/**
 * Make a grid. `list()` gives its images, `selection` which are chosen, `current()` the id of the one
 * that is looked at, `size()` how wide a cell is
 * to be at least. `onpick(index, event)` is called for a click on a cell, `ontoggle` for one on its
 * box, `onkey(event)` for a key.
 */
export function makeGrid({ list, selection, current, size, whole, onpick, ontoggle, onkey }) {
  const canvas = h("div", { class: "grid-canvas", role: "listbox", "aria-multiselectable": "true", "aria-label": "Images" });
  const frame = h("div", { class: () => ["grid-frame", whole() && "whole"] }, canvas);
  const focused = signal(0); // index of the image that keys are about
  const scroll = makeScroll(frame, canvas);
  const shown = new Map(); // index → cell
  const free = []; // cells that are hidden, to be used again
  const loose = new Map(); // index → cell: those that have just gone out of sight, most of which are used again at once
  let [columns, width, view, drawn, before, settle, revision, shift] = [1, 100, 0, null, 0, 0, 0, 0];

  function measure() {
    const inner = frame.clientWidth - 2 * GAP;
    if (inner <= 0) return;
    view = frame.clientHeight; // not read again while scrolling, which would lay the page out
    const first = Math.round(scroll.top() / (width + GAP)) * columns;
    columns = Math.max(2, Math.floor((inner + GAP) / (size() + GAP)));
    width = Math.floor((inner - (columns - 1) * GAP) / columns);
    canvas.style.setProperty("--tile", `${width}px`);
    canvas.classList.toggle("small", width < 110);
    layOut();
    scroll.to(Math.floor(first / columns) * (width + GAP));
    hideLoose();
    for (const [index, cell] of shown) place(cell, index);
    drawn = null;
    draw();
  }

  function layOut() {
    const rows = Math.ceil((list().count() ?? 0) / columns);
    scroll.setHeight(rows * (width + GAP) + GAP);
  }

  function place(cell, index) {
    const left = GAP + (index % columns) * (width + GAP);
    const top = GAP + Math.floor(index / columns) * (width + GAP) - scroll.shift();
    if (cell.left === left && cell.top === top) return;
    [cell.left, cell.top] = [left, top];
    cell.element.style.transform = `translate(${left}px, ${top}px)`;
  }

  /** Draw what is to be seen now, what is visible first. With `anew`, also what stands there already. */
  function draw(anew = false) {
    const top = scroll.top();
    const count = list().count() ?? 0;
    const row = (pixels) => Math.floor(pixels / (width + GAP));
    const last = (pixels) => Math.min(count - 1, (row(pixels) + 1) * columns - 1);
    const [from, to] = [Math.max(0, row(top - view / 2)) * columns, last(top + 1.5 * view)];
    const [first, end] = [Math.max(0, row(top)) * columns, last(top + view)];
    const inPassing = Math.abs(top - before) > FAST * view;
    before = top;
    const key = `${from} ${to} ${scroll.shift()}`;
    if (key === drawn && !anew) return;
    if (anew) revision += 1;
    const moved = drawn?.split(" ")[2] !== String(scroll.shift());
    drawn = key;
    const late = performance.now() + MOST_TIME;
    release(from, to);
    if (!shown.has(focused.peek()) && (focused.peek() < from || focused.peek() > to)) focused.set(first); // Tab leads to what is seen
    let isLate = false;
    const drawAll = (start, stop) => {
      for (let index = start; index <= stop && !isLate; index += 1) if (drawAt(index, { count, inPassing, moved })) isLate = performance.now() > late;
    };
    drawAll(first, end);
    drawAll(end + 1, to);
    drawAll(from, first - 1);
    if (!isLate || shift !== scroll.shift()) hideLoose(); // else they stand out of sight until then
    shift = scroll.shift();
    if (isLate) {
      drawn = null; // the rest follows with the next frame
      drawSoon(false);
    } else if (!inPassing && to >= from) list().want(from, to);
  }

  /** Draw one cell; return whether that was work. */
  function drawAt(index, { count, inPassing, moved }) {
    let cell = shown.get(index);
    const fresh = !cell;
    if (fresh) {
      cell = takeLoose(index) ?? free.pop() ?? makeCell(canvas);
      shown.set(index, cell);
    }
    if (fresh || moved) place(cell, index);
    const image = list().at(index);
    const isNew = fresh || cell.waits || cell.image !== (image ?? null) || cell.revision !== revision;
    cell.revision = revision;
    if (isNew) drawCell(cell, image, { index, count, selection, inPassing, focused: index === focused.peek(), current: current() });
    return isNew;
  }

  function release(from, to) {
    const active = document.activeElement;
    for (const [index, cell] of shown) {
      // The focused cell stays, wherever it is: taken away, it would take the focus with it.
      if ((index >= from && index <= to) || cell.element === active) continue;
      shown.delete(index);
      loose.set(index, cell);
    }
  }

  /** Return a cell that has gone out of sight, best the one that shows this very image; or undefined. */
  function takeLoose(index) {
    const at = loose.has(index) ? index : loose.keys().next().value;
    const cell = loose.get(at);
    loose.delete(at);
    return cell;
  }

  function hideLoose() {
    for (const cell of loose.values()) {
      hideCell(cell);
      free.push(cell);
    }
    loose.clear();
  }

  let asked = 0;
  const drawSoon = (anew) => {
    asked = asked || requestAnimationFrame(() => {
      asked = 0;
      draw(drawSoon.anew);
      drawSoon.anew = false;
    });
    drawSoon.anew ||= anew;
  };

  frame.addEventListener("scroll", () => {
    scroll.follow();
    drawSoon(false);
    clearTimeout(settle);
    settle = setTimeout(() => ((drawn = null), drawSoon(false)), SETTLED);
  }, { passive: true });

  const indexOf = (event) => Number(event.target.closest?.(".tile")?.dataset.index ?? -1);
  canvas.addEventListener("click", (event) => {
    const index = indexOf(event);
    if (index < 0) return;
    if (event.target.closest(".tile-box")) ontoggle(index, event);
    else onpick(index, event);
  });
  canvas.addEventListener("keydown", onkey);
  canvas.addEventListener("focusin", (event) => indexOf(event) >= 0 && focus(indexOf(event), { quiet: true }));

  /** Move to an image: it is what keys are about from now on. */
  function focus(index, { quiet = false } = {}) {
    const last = (list().count() ?? 0) - 1;
    const to = Math.max(0, Math.min(index, last));
    const old = shown.get(focused.peek());
    focused.set(to);
    if (old) old.element.tabIndex = -1;
    if (!quiet) reveal(to);
    const cell = shown.get(to);
    if (!cell) return;
    cell.element.tabIndex = 0;
    if (!quiet) cell.element.focus({ preventScroll: true });
  }

  function reveal(index) {
    const top = Math.floor(index / columns) * (width + GAP);
    const now = scroll.top();
    if (top < now) scroll.to(top);
    else if (top + width + 2 * GAP > now + view) scroll.to(top + width + 2 * GAP - view);
    drawn = null;
    draw();
  }

  const observer = new ResizeObserver(() => frame.clientWidth && requestAnimationFrame(measure));
  observer.observe(frame);
  onEnd(() => (observer.disconnect(), clearTimeout(settle), cancelAnimationFrame(asked)));
  effect(() => {
    size();
    measure();
  });
  let drawnList = null;
  effect(() => {
    list().count();
    if (drawnList !== list()) {
      drawnList = list();
      for (const [index, cell] of shown) loose.set(index, cell);
      hideLoose();
      shown.clear();
      focused.set(0);
      scroll.to(0);
    }
    layOut();
    drawSoon(true);
  });
  effect(() => {
    selection.size();
    current();
    drawSoon(true);
  });

  return {
    element: frame,
    focused,
    focus,
    reveal,
    /** Draw images that have come; with `anew`, those too that have changed. */
    redraw: (anew) => ((drawn = null), drawSoon(anew)),
    columns: () => columns,
    rows: () => Math.max(1, Math.floor(view / (width + GAP))),
    hasFocus: () => canvas.contains(document.activeElement),
  };
}
