// Why an address brought no image, in words, and what to do about it: docs/reasons.md in short.

const REASONS = {
  rate_limited: ["The site has had enough for now", "Retry later; it is asked more slowly then."],
  host_closed: ["The site refused too often and is left alone", "Retry later."],
  host_busy: ["Other crawls ask all that may be asked of the site", "Retry when they have ended."],
  timeout: ["The site took too long", "Retry."],
  deadline: ["There was no time left for it", "Retry."],
  connect_error: ["Nobody listens at the address", "Retry, or see whether the site is still there."],
  connection_reset: ["The connection broke off", "Retry."],
  dns_error: ["The site’s name could not be found", "Look for a typing error; else retry."],
  tls_error: ["The site’s certificate is not valid", "Only the site’s owner can mend it."],
  too_many_redirects: ["It was sent on and on", "Use the address that a browser ends at."],
  bad_response: ["What the site said is not HTTP", "Only the site’s owner can mend it."],
  bad_url: ["This is no address", "Mend the row: its place is named below."],
  unsupported_scheme: ["Not http or https", "Use the address of a web site."],
  blocked_address: ["It leads to a private network", "Whoever runs this system can open single ports of its own machine."],
  blocked_port: ["Web servers do not use its port", "Use the address without it, if there is one."],
  robots: ["robots.txt forbids it", "Leave it out, or turn the option off where you have the owner’s leave."],
  opted_out: ["Its owner does not want this use", "Leave it out, or ask its owner."],
  empty: ["There was not one byte", "See whether the image is still there."],
  not_an_image: ["It is something else, such as a page", "Crawl it as a web page, or use the image’s own address."],
  unsupported_format: ["A format that is not read", "JPEG, PNG, WebP, GIF, BMP, TIFF and AVIF are."],
  too_large: ["The file is larger than is taken", "Use a smaller form of it."],
  too_many_pixels: ["It has more pixels than are decoded", "Use a smaller form of it."],
  too_many_frames: ["It has more frames than are decoded", "Use a still picture."],
  truncated: ["The end of the file is missing", "The site serves it so; there is nothing to do."],
  decode_error: ["The file is damaged", "The site serves it so; there is nothing to do."],
  too_small: ["Smaller than you asked for", "Ask for less under “More options”."],
  checksum_mismatch: ["Not the file whose SHA-256 the table has", "It was changed since; set how alike a picture must be (phash)."],
  different_picture: ["Not the picture that the table means", "It was replaced since."],
  rejected: ["You have rejected this image, or one like it", "Take the rejection back in the gallery, and crawl again."],
  deleted: ["You have deleted this image, or one like it", "Upload it, if you want it after all."],
  cancelled: ["The crawl was cancelled before", "Retry goes on with it."],
  chunk_failed: ["The part of the crawl that it was in failed", "Retry."],
  killed_its_worker: ["It ended the program that decoded it, twice", "Leave it out."],
  not_a_page: ["It is no web page", "Paste the addresses of images under “Image links”."],
  not_a_sitemap: ["It is no sitemap", "The site lacks one; that need not matter."],
  excluded: ["It led to where your patterns do not", "Change the patterns."],
  too_many_pages: ["The crawl has read as many pages as it may", "Crawl parts of the site, each by itself."],
};

/** What a reason means and what to do: `{text, advice}`. */
export function explainReason(reason) {
  const known = REASONS[reason];
  if (known) return { text: known[0], advice: known[1] };
  const status = /^http_(\d{3})$/.exec(reason)?.[1];
  if (status) return explainStatus(Number(status));
  return { text: reason.replaceAll("_", " "), advice: "" };
}

function explainStatus(status) {
  if ([404, 410].includes(status)) return { text: `It is gone (${status})`, advice: "Leave it out." };
  if ([401, 403, 451].includes(status)) return { text: `The site refuses us (${status})`, advice: "Ask its owner, or take it elsewhere." };
  if (status >= 500) return { text: `The site failed (${status})`, advice: "Retry." };
  return { text: `The site answered ${status}`, advice: "Look at it in a browser." };
}
