// The columns of a table: which field each holds, by its usual names or as somebody says.

/** The fields of an entry, with their names for people. */
export const FIELDS = [
  ["url", "Address"],
  ["label", "Label"],
  ["caption", "Caption"],
  ["license", "Licence"],
  ["attribution", "Credit"],
  ["sha256", "SHA-256"],
  ["phash", "Perceptual hash"],
];

// In the order in which the server looks for them (docs/manifests.md).
const USUAL = {
  url: ["image_url", "img_url", "url", "image", "image_link", "link", "src", "uri"],
  label: ["label", "class", "class_name", "category"],
  caption: ["caption", "text", "alt", "alt_text", "top_caption", "description"],
  license: ["license", "licence"],
  attribution: ["attribution", "credit", "creator", "author", "artist"],
  sha256: ["sha256"],
  phash: ["phash"],
};

/** Return the place of each field's column, by its usual names. */
export function guessColumns(names) {
  const lower = names.map((name) => name.trim().toLowerCase());
  const places = {};
  for (const [field, usual] of Object.entries(USUAL)) {
    const found = usual.find((name) => lower.includes(name) && !Object.values(places).includes(lower.indexOf(name)));
    if (found) places[field] = lower.indexOf(found);
  }
  return places;
}

/** Return `places` with a column given to a field (or none), which it takes from any other. */
export function assignColumn(places, place, field) {
  const kept = Object.entries(places).filter(([name, at]) => at !== place && name !== field);
  return Object.fromEntries(field ? [...kept, [field, place]] : kept);
}

/** Return what the request says of columns: only where they are not found by themselves; null is none. */
export function nameColumns(names, places) {
  const guessed = guessColumns(names);
  const columns = {};
  for (const [field] of FIELDS) {
    // A hash is compared only where its column is named.
    if (places[field] === guessed[field] && (field !== "phash" || places[field] === undefined)) continue;
    columns[field] = places[field] === undefined ? null : names[places[field]];
  }
  return columns;
}
