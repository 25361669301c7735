// Addresses that somebody pasted, one a line, with a label behind a tab or a comma.

export const MOST_ADDRESSES = 10_000;

/** Return `{entries: [{url, label?}], bad: [line numbers]}` of a text. */
export function parseAddresses(text) {
  const [entries, bad] = [[], []];
  text.split(/\r\n|\n|\r/).forEach((line, at) => {
    const given = line.trim();
    if (!given || given.startsWith("#")) return;
    const { url, label } = splitLine(given);
    if (isAddress(url)) entries.push(label ? { url, label: label.slice(0, 200) } : { url });
    else bad.push(at + 1);
  });
  return { entries, bad };
}

/** Addresses hold commas too: what looks like the rest of one is no label. */
function splitLine(line) {
  const tab = line.indexOf("\t");
  if (tab > 0) return { url: line.slice(0, tab).trim(), label: line.slice(tab + 1).trim() };
  const comma = line.lastIndexOf(",");
  const rest = line.slice(comma + 1);
  if (comma < 0 || !(/^\s/.test(rest) || /^[^/=.&?#%]*$/.test(rest))) return { url: line };
  return { url: line.slice(0, comma).trim(), label: rest.trim() };
}

function isAddress(text) {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/** Return the lines of a text, or its parts between commas, without blanks and repetitions. */
export function splitWords(text, separator = /[\n\r,;]+/) {
  return [...new Set((text ?? "").split(separator).map((word) => word.trim()).filter(Boolean))];
}
