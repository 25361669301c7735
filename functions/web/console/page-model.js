// One version of a model: what it takes and gives, a trial on an image, its predictions and times.

import { get, getAll, patch, post, remove } from "./api.js";
import { barChart } from "./chart.js";
import { h } from "./dom.js";
import { age, bytes, count, decimal, moment, percent } from "./format.js";
import { button, choiceField } from "./forms.js";
import { badge, card, pageHead, stat, table } from "./layout.js";
import { confirmAction, notify, notifyProblem, openDialog } from "./notices.js";
import { drift, milliseconds, registerModel } from "./page-models.js";
import { poll } from "./polling.js";
import { go } from "./router.js";
import { signal } from "./signals.js";

const CHECK_EVERY = 1000; // milliseconds, while the file is checked
const SHOWN_PREDICTIONS = 50;

export default async function showModel({ params, signal: left }) {
  const model = signal(await get(`/v1/models/${params.model}`, {}, left));
  const [predictions, statistics, usage] = await Promise.all([
    get("/v1/predictions", { model_id: params.model, limit: SHOWN_PREDICTIONS }, left),
    getAll("/v1/analytics/models", {}, { signal: left }),
    get("/v1/analytics/usage", { days: 30 }, left),
  ]);
  const made = signal(predictions.items);
  const numbers = statistics.find((one) => one.model_id === params.model);
  const update = async (changes) => {
    try {
      model.set(await patch(`/v1/models/${params.model}`, changes));
    } catch (error) {
      notifyProblem(error);
    }
  };
  watchCheck(model, left);
  return {
    title: `${model.peek().name} ${model.peek().version}`,
    section: "models",
    body: () => [
      pageHead({
        title: `${model().name}, version ${model().version}`,
        crumbs: [["Models", "/models"]],
        about: () => [badge(model().status), " ", model().description],
        actions: [
          () => model().status === "active" && button("Try it", { kind: "primary", icon: "play", onclick: () => tryModel(model.peek(), made) }),
          button("New version", { icon: "plus", onclick: () => registerModel(model.peek()) }),
          () => stateButton(model(), update),
          button("Archive", { kind: "danger", icon: "trash", onclick: () => archive(model.peek()) }),
        ],
      }),
      () => state(model()),
      numbers && h("dl", { class: "stats" }, figures(numbers)),
      h(
        "div",
        { class: "cards spaced" },
        () => [tensors("Takes", model().input_schema), tensors("Gives", model().output_schema)],
        timeCard(made),
        card("Predictions a day", usageChart(usage.items)),
        () => facts(model()),
      ),
      h("h2", { class: "section-title" }, "Latest predictions"),
      () => (made().length ? predictionTable(made()) : h("p", { class: "quiet" }, "None yet. Try the model on an image of a project.")),
    ],
  };
}

function watchCheck(model, left) {
  const ask = async () => {
    if (model.peek().status !== "pending") return null;
    model.set(await get(`/v1/models/${model.peek().id}`, {}, left));
    return CHECK_EVERY;
  };
  poll(ask, { signal: left });
}

function state(model) {
  if (model.status === "pending") return h("p", { class: "banner busy" }, "The file is being checked: it is loaded apart from everything else, and asked for its inputs and outputs.");
  return [
    model.error && h("p", { class: "banner bad" }, model.error),
    model.warnings.map((warning) => h("p", { class: "banner warn" }, warning)),
  ];
}

function stateButton(model, update) {
  if (model.status === "active") return button("Deprecate", { onclick: () => update({ status: "deprecated" }) });
  if (["deprecated", "archived"].includes(model.status)) return button("Activate", { onclick: () => update({ status: "active" }) });
  return null;
}

function figures(numbers) {
  return [
    stat("Predictions", count(numbers.total_predictions)),
    stat("Failed", count(numbers.failed_predictions), { tone: numbers.failed_predictions ? "bad" : null }),
    stat("Median", milliseconds(numbers.p50_inference_time_ms)),
    stat("95 %", milliseconds(numbers.p95_inference_time_ms)),
    stat("99 %", milliseconds(numbers.p99_inference_time_ms)),
    stat("Inputs", drift(numbers.drift), { hint: "How far the inputs of the last seven days are from those of the first seven" }),
  ];
}

function tensors(title, schema) {
  return card(
    title,
    schema
      ? h(
          "ul",
          { class: "tensors" },
          schema.map((tensor) => h("li", {}, h("code", {}, tensor.name), ` ${tensor.datatype} ${tensor.shape.map((side) => (side < 0 ? "any" : side)).join(" × ")}`)),
        )
      : h("p", { class: "quiet" }, "Not known yet."),
  );
}

function timeCard(made) {
  return card("Time of the latest predictions", () => {
    const timed = made().filter((one) => one.inference_time_ms !== null).reverse();
    if (!timed.length) return h("p", { class: "quiet" }, "No prediction yet.");
    const bars = timed.map((one) => ({ name: moment(one.created_at), value: one.inference_time_ms, tone: one.status === "failed" ? "bad" : null, title: `${moment(one.created_at)}: ${milliseconds(one.inference_time_ms)}` }));
    return barChart({ label: `Milliseconds of the latest ${timed.length} predictions`, bars, ends: ["oldest", "newest"] });
  });
}

function usageChart(days) {
  const bars = [...days].reverse().map((day) => ({ name: day.date, value: day.prediction_count, title: `${day.date}: ${count(day.prediction_count)}` }));
  return [h("p", { class: "quiet small" }, "Of all your models, last 30 days."), barChart({ label: "Predictions a day", bars })];
}

function facts(model) {
  const rows = [
    ["File", `${model.file_name ?? "–"}, ${bytes(model.file_size)}`],
    ["Run by", model.runtime ?? "–"],
    ["SHA-256", model.sha256 ?? "–"],
    ["Trained on", model.version_id ?? "not said"],
    ["Labels", model.metadata.labels?.join(", ") ?? "those in the file, if any"],
  ];
  return card("About", h("dl", { class: "facts" }, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

function predictionTable(predictions) {
  return table({
    caption: "Latest predictions",
    rows: predictions,
    columns: [
      { name: "When", cell: (one) => h("span", { title: moment(one.created_at) }, age(one.created_at)) },
      { name: "State", cell: (one) => badge(one.status) },
      { name: "Answer", cell: (one) => (one.status === "failed" ? one.error_message : answer(one)) },
      { name: "Inputs", number: true, cell: (one) => count(one.batch_size) },
      { name: "Time", number: true, cell: (one) => milliseconds(one.inference_time_ms) },
    ],
  });
}

/** The best labels of a prediction's rows in words, or the names of what it gave. */
function answer({ output_data: output }) {
  const rows = output?.labels ?? [];
  const best = rows.slice(0, 3).map((scores) => {
    const [first] = [scores].flat();
    return typeof first === "object" && first !== null ? [first.label, first.score !== null && percent(first.score)].filter(Boolean).join(" ") : String(first);
  });
  if (best.length) return best.join(", ") + (rows.length > best.length ? ` and ${rows.length - best.length} more` : "");
  return Object.keys(output?.outputs ?? {}).join(", ") || "–";
}

async function archive(model) {
  const sure = await confirmAction({
    title: `Archive ${model.name}, version ${model.version}?`,
    text: "It no longer predicts. Its predictions stay, and it can be activated again.",
    action: "Archive it",
  });
  if (!sure) return;
  try {
    await remove(`/v1/models/${model.id}`);
    notify("The model is archived.", { action: { label: "Undo", run: () => patch(`/v1/models/${model.id}`, { status: "active" }).then(() => go(`/models/${model.id}`), notifyProblem) } });
    go("/models");
  } catch (error) {
    notifyProblem(error);
  }
}

async function tryModel(model, made) {
  const projects = await getAll("/v1/projects");
  const images = signal([]);
  const result = signal(null);
  const chosen = signal(null);
  const choose = async (project) => {
    const page = await get(`/v1/projects/${project}/images`, { limit: 48, status: "completed", duplicate: false, thumbnails: true });
    images.set(page.items.filter((image) => image.thumbnail_url));
  };
  const run = async (image) => {
    chosen.set(image.id);
    result.set("busy");
    try {
      const prediction = await post(`/v1/models/${model.id}/predictions`, { image_ids: [image.id] });
      result.set(prediction);
      made.update((before) => [prediction, ...before].slice(0, SHOWN_PREDICTIONS));
    } catch (error) {
      result.set(error);
    }
  };
  if (projects.length) await choose(projects[0].id);
  await openDialog({
    title: `Try ${model.name} on an image`,
    wide: true,
    content: () => [
      projects.length
        ? choiceField({ label: "Project", name: "project", options: projects.map((one) => [one.id, one.name]), onchange: (event) => choose(event.target.value).catch(notifyProblem) })
        : h("p", { class: "quiet" }, "You have no project whose images could be tried."),
      () =>
        h(
          "div",
          { class: "pick-grid" },
          images().map((image) =>
            h("button", { type: "button", class: () => ["pick", chosen() === image.id && "chosen"], "aria-label": `Predict ${image.file_name ?? image.label ?? image.id}`, onclick: () => run(image) }, h("img", { src: image.thumbnail_url, alt: "" })),
          ),
        ),
      h("div", { class: "pick-result", "aria-live": "polite" }, () => trial(result())),
    ],
  });
}

function trial(result) {
  if (result === null) return h("p", { class: "quiet" }, "Choose an image.");
  if (result === "busy") return h("p", { class: "quiet" }, "Predicting …");
  if (result instanceof Error) return h("p", { class: "form-error" }, result.sentence ?? result.message);
  if (result.status === "failed") return h("p", { class: "form-error" }, result.error_message);
  const scores = [result.output_data?.labels?.[0] ?? []].flat().filter((one) => typeof one?.score === "number");
  return [
    h("p", {}, h("strong", {}, answer(result)), h("span", { class: "quiet" }, ` in ${milliseconds(result.inference_time_ms)}`)),
    scores.length > 0 && h("ul", { class: "shares" }, scores.slice(0, 8).map((one) => h("li", {}, h("span", { class: "share-name" }, one.label), h("span", { class: "share-track" }, h("span", { class: "share-fill", style: { width: `${100 * Math.min(1, Math.max(0, one.score))}%` } })), h("span", { class: "share-value" }, decimal(one.score))))),
  ];
}
