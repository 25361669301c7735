// Files on their way into the bucket, by signed addresses.

import { Problem } from "./api.js";

/**
 * PUT a file to a signed address. `onprogress(bytes)` hears how much has gone; the signal ends it.
 * The bucket takes exactly the size and type that the address was signed for.
 */
export function sendFile(target, file, { onprogress = () => {}, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much has been sent
    const abort = () => request.abort();
    const fail = (detail) => reject(new Problem(request.status, { detail }));
    request.open(target.method, target.upload_url);
    for (const [name, value] of Object.entries(target.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onprogress(event.loaded);
    request.onload = () => {
      if (request.status < 300) resolve();
      else fail(`The bucket refused ${file.name} (${request.status}).`);
    };
    request.onerror = () => fail(`${file.name} could not be sent: the bucket was not reached.`);
    request.onabort = () => reject(signal?.reason ?? new DOMException("Stopped", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
    request.send(file);
  });
}
