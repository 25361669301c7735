// What a file is, by its first bytes: as the server will see it, whatever its name says.

const HEAD = 32;
const MAX_BYTES = 32 * 1024 * 1024;
const SYSTEM_FILES = new Set(["thumbs.db", "desktop.ini", "ehthumbs.db"]);
const OTHERS = [
  [/\.(heic|heif)$/i, "HEIC is not read here: save it as JPEG"],
  [/\.(svgz?)$/i, "a drawing (SVG) is not read here: save it as PNG"],
  [/\.(jxl|jp2|j2k|psd|raw|cr2|cr3|nef|arw|dng)$/i, "this format is not read here: save it as JPEG, PNG, WebP, TIFF or AVIF"],
  [/\.(zip|tar|gz|zst|rar|7z)$/i, "a packed folder has to be unpacked first"],
  [/\.(csv|tsv|jsonl|ndjson|parquet)$/i, "a table of addresses is crawled: choose “Add images” and “Table file”"],
  [/\.(mp4|mov|webm|avi|mkv)$/i, "a video is no image"],
];

/** Whether a file is one that a system leaves in folders, which nobody means. */
export const isClutter = (name) => name.startsWith(".") || SYSTEM_FILES.has(name.toLowerCase());

/** Return `{type}` of an image, or `{refusal}`: why it cannot be one, in half a sentence. */
export async function inspectFile(file) {
  if (file.size === 0) return { refusal: "there is not one byte in it" };
  let head;
  try {
    head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  } catch {
    return { refusal: "it cannot be read; was it moved or deleted?" };
  }
  const type = findType(head);
  if (!type) return { refusal: OTHERS.find(([names]) => names.test(file.name))?.[1] ?? "it is no image" };
  if (file.size > MAX_BYTES) return { refusal: "it is larger than 32 MiB" };
  return { type };
}

function findType(head) {
  const text = String.fromCharCode(...head);
  const brands = text.slice(8, HEAD);
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (/^GIF8[79]a/.test(text)) return "image/gif";
  if (/^RIFF[^]{4}WEBP/.test(text)) return "image/webp";
  if (text.startsWith("BM")) return "image/bmp";
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return "image/tiff";
  if (text.slice(4, 8) === "ftyp" && /avi[fs]/.test(brands)) return "image/avif";
  return null;
}
