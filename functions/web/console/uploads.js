// Uploads of images: six at a time, whatever view is shown, until all are sent or have failed.

import { post } from "./api.js";
import { signal } from "./signals.js";
import { AddressExpired, sendFile } from "./transfer.js";

const AT_ONCE = 6;

/** A number that changes whenever something of the uploads has, at most once a frame. */
export const changes = signal(0);

/** All uploads of this tab: `{file, path, type, project, about, state, sent, error}`. */
export const items = [];

/** Those of them that are on their way now. */
export const sending = new Set();

const tallies = { waiting: 0, sending: 0, sent: 0, failed: 0, bytes: 0, sentBytes: 0 };
let begun = null;
let controller = new AbortController();
let next = 0; // where the next one that waits may be
let announced = false;

/** Numbers of all uploads by state, bytes in all and sent, and when they began. */
export const readTallies = () => ({ ...tallies, begun, running: tallies.waiting + tallies.sending > 0 });

/** Add images to be sent to a project: `[{file, path, type}]`, with what `about` says of each. */
export function addUploads(project, files, about) {
  if (!readTallies().running) clearUploads();
  begun ??= Date.now();
  for (const one of files) {
    items.push({ ...one, project, about: about(one), state: "waiting", sent: 0, error: null });
    tallies.waiting += 1;
    tallies.bytes += one.file.size;
  }
  addEventListener("beforeunload", warn);
  run();
}

/** Send again what has failed. */
export function retryUploads() {
  for (const item of items) if (item.state === "failed") setState(item, "waiting");
  next = 0;
  controller = new AbortController();
  addEventListener("beforeunload", warn);
  run();
}

/** Stop what is not sent yet; it can be sent again. */
export function stopUploads() {
  controller.abort();
  for (const item of items) if (item.state === "waiting") fail(item, "Stopped.");
  tell();
}

/** Forget all uploads that are over. */
export function clearUploads() {
  items.length = 0;
  next = 0;
  begun = null;
  controller = new AbortController();
  Object.assign(tallies, { waiting: 0, sending: 0, sent: 0, failed: 0, bytes: 0, sentBytes: 0 });
  tell();
}

function run() {
  for (; tallies.sending < AT_ONCE && next < items.length; next += 1) {
    if (items[next].state === "waiting") send(items[next], controller.signal);
  }
  if (!readTallies().running) removeEventListener("beforeunload", warn);
  tell();
}

async function send(item, stop) {
  setState(item, "sending");
  sending.add(item);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const target = await post(`/v1/projects/${item.project.id}/uploads`, describe(item), { signal: stop });
        await sendFile(target, item.file, { signal: stop, onprogress: (bytes) => progress(item, bytes) });
        break;
      } catch (error) {
        if (!(error instanceof AddressExpired) || attempt === 2) throw error;
      }
    }
    progress(item, item.file.size);
    setState(item, "sent");
  } catch (error) {
    fail(item, stop.aborted ? "Stopped." : (error.sentence ?? error.message));
  }
  sending.delete(item);
  run();
}

function describe({ file, type, about }) {
  return { file_name: shortenName(file.name), content_type: type, size: file.size, ...about };
}

/** A name of 200 characters at most, with its ending. */
function shortenName(name) {
  const clean = name.replace(/\p{Cc}|\p{Zl}|\p{Zp}/gu, " ").trim() || "image";
  return clean.length <= 200 ? clean : `${clean.slice(0, 180)}…${clean.slice(-19)}`;
}

function progress(item, bytes) {
  const sent = Math.min(bytes, item.file.size);
  tallies.sentBytes += sent - item.sent;
  item.sent = sent;
  tell();
}

function setState(item, state) {
  tallies[item.state] -= 1;
  tallies[state] += 1;
  item.state = state;
  item.error = null;
  if (state !== "sent") progress(item, 0);
}

function fail(item, error) {
  setState(item, "failed");
  item.error = error;
}

function tell() {
  if (announced) return;
  announced = true;
  // Hidden tabs draw no frames.
  setTimeout(() => {
    announced = false;
    changes.update((number) => number + 1);
  }, 100);
}

function warn(event) {
  event.preventDefault();
}
