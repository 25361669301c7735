// The models that somebody registered, and how to register one.

import { getAll, post } from "./api.js";
import { h } from "./dom.js";
import { age, bytes, count, decimal } from "./format.js";
import { areaField, button, choiceField, field, form, textField } from "./forms.js";
import { badge, emptyState, pageHead, progressBar, table } from "./layout.js";
import { openDialog } from "./notices.js";
import { go } from "./router.js";
import { signal } from "./signals.js";
import { sendFile } from "./transfer.js";

// What a file's name tells of the framework that it comes from.
const TYPES = [
  ["onnx", "ONNX"],
  ["pytorch", "PyTorch (exported to ONNX)"],
  ["tensorflow", "TensorFlow (.tflite or ONNX)"],
  ["sklearn", "scikit-learn (ONNX or skops)"],
];

export default async function showModels({ signal: left }) {
  const [models, statistics] = await Promise.all([
    getAll("/v1/models", {}, { signal: left }),
    getAll("/v1/analytics/models", {}, { signal: left }),
  ]);
  const numbers = new Map(statistics.map((one) => [one.model_id, one]));
  const shown = models.filter((model) => model.status !== "archived");
  const add = () => button("Register a model", { kind: "primary", icon: "plus", onclick: registerModel });
  return {
    title: "Models",
    section: "models",
    body: () => [
      pageHead({ title: "Models", actions: shown.length ? [add()] : [] }),
      shown.length
        ? modelTable(shown, numbers)
        : emptyState({
            icon: "cube",
            title: "No model yet",
            text: "Bring a classifier as ONNX, LiteRT or skops. Pixmill checks it, finds out what it takes, and runs it on your images.",
            action: add(),
          }),
    ],
  };
}

function modelTable(models, numbers) {
  return table({
    caption: "Models",
    rows: models,
    path: (model) => `/models/${model.id}`,
    columns: [
      { name: "Name", cell: (model) => [model.name, h("span", { class: "quiet" }, ` version ${model.version}`)] },
      { name: "State", cell: (model) => badge(model.status) },
      { name: "Also called", cell: (model) => model.aliases.join(", ") || "–" },
      { name: "Predictions", number: true, cell: (model) => count(numbers.get(model.id)?.total_predictions ?? 0) },
      { name: "Time, median", number: true, cell: (model) => milliseconds(numbers.get(model.id)?.p50_inference_time_ms) },
      { name: "Inputs", cell: (model) => drift(numbers.get(model.id)?.drift) },
      { name: "Size", number: true, cell: (model) => bytes(model.file_size) },
      { name: "Made", cell: (model) => age(model.created_at) },
    ],
  });
}

/** A time in milliseconds, or a dash. */
export function milliseconds(value) {
  return value === null || value === undefined ? "–" : `${decimal(value)} ms`;
}

/** How far the inputs of the last days are from those of the first. */
export function drift(found) {
  if (!found) return "–";
  return badge({ stable: "active", shifting: "duplicate", drifted: "failed" }[found.status], `${found.status} (${decimal(found.score)})`);
}

/** Ask for a model's file and send it; the model is shown then. */
export async function registerModel(given = {}) {
  const sent = signal(null);
  const stop = new AbortController();
  const model = await openDialog({
    title: given.name ? `New version of ${given.name}` : "Register a model",
    content: (close) => [
      form({
        fields: [
          field({
            label: "File",
            name: "file",
            pointer: "/file_size",
            hint: ".onnx, .tflite or .skops",
            make: (attributes) => h("input", { type: "file", required: true, accept: ".onnx,.tflite,.skops", ...attributes, onchange: guess }),
          }),
          textField({ label: "Name", name: "name", maxlength: 128, value: given.name ?? "", readonly: Boolean(given.name), hint: given.name ? null : "A name that exists already gets its next version." }),
          choiceField({ label: "Trained with", name: "model_type", options: TYPES, value: given.model_type }),
          areaField({ label: "Description", name: "description", optional: true, rows: 2 }),
        ],
        submit: "Register",
        send: async ({ file: [file], ...data }) => {
          const created = await post("/v1/models", { ...data, file_name: file.name, file_size: file.size });
          sent.set(0);
          try {
            await sendFile(created, file, { signal: stop.signal, onprogress: (done) => sent.set((100 * done) / file.size) });
          } finally {
            sent.set(null);
          }
          close(created);
        },
      }),
      () => sent() !== null && progressBar(sent, "Sending the file"),
    ],
  });
  if (model) go(`/models/${model.id}`);
  else stop.abort();
}

function guess(event) {
  const [file] = event.target.files;
  const { name, model_type: type } = event.target.form.elements;
  if (!file) return;
  if (!name.value) name.value = file.name.replace(/\.[^.]+$/, "").replace(/[/\\?#%@:]/g, "-");
  if (/\.tflite$/i.test(file.name)) type.value = "tensorflow";
  else if (/\.skops$/i.test(file.name)) type.value = "sklearn";
}
