// Files on their way to the signed addresses of the bucket, with progress.

import { Problem, wait } from "./api.js";

const MAX_TRIES = 4;

/** The address that a file was to be sent to is used up; ask for another one. */
export class AddressExpired extends Error {}

/**
 * Send a file to the address of an answer that names `upload_url`, `method` and `headers`.
 * `onprogress(bytes)` hears how much has been sent. What fails in passing is sent again.
 */
export async function sendFile(target, file, { signal, onprogress = () => {} } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const status = await put(target, file, signal, onprogress);
    // Sent a second time after a lost answer, it is there already.
    if ((status >= 200 && status < 300) || (status === 412 && attempt > 1)) return;
    if ([400, 401, 403].includes(status)) throw new AddressExpired(`The bucket refused the file (${status}).`);
    if (![0, 408, 429, 500, 502, 503, 504].includes(status) || attempt === MAX_TRIES) {
      throw new Problem(status, { detail: status ? `The bucket refused the file (${status}).` : "The connection broke off." });
    }
    onprogress(0);
    await wait(1000 * 2 ** (attempt - 1), signal);
  }
}

/** Return the status of one attempt; 0 where nobody answered. Only XMLHttpRequest tells what was sent. */
function put({ upload_url: address, method, headers }, file, signal, onprogress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort, { once: true });
    request.open(method, address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onprogress(event.loaded);
    request.onloadend = () => {
      signal?.removeEventListener("abort", abort);
      if (signal?.aborted) reject(signal.reason);
      else resolve(request.status);
    };
    request.send(file);
  });
}
