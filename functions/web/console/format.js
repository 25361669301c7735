// Numbers, sizes, times as people read them, in the browser's own language.

const integers = new Intl.NumberFormat();
const decimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const shortNumbers = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const ages = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const UNITS = ["B", "kB", "MB", "GB", "TB"];
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];

export const count = (value) => (value === null || value === undefined ? "–" : integers.format(value));
export const decimal = (value) => (value === null || value === undefined ? "–" : decimals.format(value));
export const short = (value) => shortNumbers.format(value);
export const percent = (share) => (Number.isFinite(share) ? percents.format(share) : "–");
export const moment = (text) => (text ? moments.format(new Date(text)) : "–");

/** "1 image", "1,204 images". */
export function amount(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in decimal units: 1 kB is 1,000. */
export function bytes(value) {
  if (value === null || value === undefined) return "–";
  const power = Math.min(UNITS.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${decimals.format(power ? Number((value / 1000 ** power).toPrecision(3)) : value)} ${UNITS[power]}`;
}

/** "3 minutes ago", "in 2 days". */
export function age(text) {
  if (!text) return "–";
  let value = (new Date(text) - Date.now()) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(value) < size) return ages.format(Math.round(value), unit);
    value /= size;
  }
  return moment(text);
}

/** Seconds as "45 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A name such as "opted_out" as words: "opted out". */
/** Name a licence: those of Creative Commons by their short names, other addresses without what all have. */
export function nameLicence(text) {
  const [, kind, version] = /^https?:\/\/creativecommons\.org\/(?:licenses|publicdomain)\/([a-z-]+)\/([\d.]+)/i.exec(text) ?? [];
  if (!kind) return text.replace(/^https?:\/\/(www\.)?/, "");
  const name = { zero: "CC0", mark: "Public Domain Mark" }[kind.toLowerCase()] ?? `CC ${kind.toUpperCase()}`;
  return `${name} ${version}`;
}

export const words = (name) => name.replaceAll("_", " ");
