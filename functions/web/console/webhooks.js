// Webhooks: who is told when a job ends, what was sent, and what came of it.

import { get, getAll, patch, post, remove } from "./api.js";
import { h } from "./dom.js";
import { age, moment } from "./format.js";
import { button, form, textField } from "./forms.js";
import { badge, emptyState, table } from "./layout.js";
import { confirmAction, notify, notifyProblem, openDialog } from "./notices.js";
import { section, showSecret } from "./page-account.js";
import { signal } from "./signals.js";

const KINDS = ["crawl_job", "validation_job", "analysis_job", "export_job", "verification_job", "version"];

/** The part of the account's page about webhooks. */
export function webhookSection(webhooks) {
  const reload = async () => webhooks.set(await getAll("/v1/webhooks"));
  const act = (work, text) => async () => {
    try {
      await work();
      if (text) notify(text);
    } catch (error) {
      notifyProblem(error);
    }
    await reload();
  };
  return section("Webhooks", button("New webhook", { icon: "plus", onclick: () => createWebhook(reload) }), () =>
    webhooks().length
      ? table({
          caption: "Webhooks",
          rows: webhooks(),
          columns: [
            { name: "Address", cell: (hook) => h("span", { class: "clip", title: hook.url }, hook.url) },
            { name: "State", cell: (hook) => badge(hook.is_active ? (hook.failing_since ? "failed" : "active") : "archived", hook.is_active ? (hook.failing_since ? "failing" : "active") : "paused") },
            { name: "Events", cell: (hook) => h("span", { class: "clip", title: hook.events.join(", ") }, hook.events.join(", ")) },
            { name: "Trouble", cell: (hook) => hook.error ?? "–" },
            {
              name: "",
              cell: (hook) =>
                h(
                  "div",
                  { class: "row-tools" },
                  button("Sent", { kind: "small", "aria-label": `What was sent to ${hook.url}`, onclick: () => showDeliveries(hook) }),
                  button("Test", { kind: "small", "aria-label": `Test ${hook.url}`, onclick: act(() => post(`/v1/webhooks/${hook.id}/test`, {}), "A test is on its way.") }),
                  button(hook.is_active ? "Pause" : "Resume", { kind: "small", onclick: act(() => patch(`/v1/webhooks/${hook.id}`, { is_active: !hook.is_active })) }),
                  button("Delete", { kind: "danger small", "aria-label": `Delete ${hook.url}`, onclick: () => deleteWebhook(hook, act) }),
                ),
            },
          ],
        })
      : emptyState({ icon: "arrow", title: "No webhook yet", text: "An address of yours can be told when a crawl, an export or another job ends." }),
  );
}

async function createWebhook(reload) {
  const hook = await openDialog({
    title: "New webhook",
    content: (close) =>
      form({
        fields: [
          textField({ label: "Address", name: "url", type: "url", placeholder: "https://example.org/pixmill", maxlength: 2048 }),
          h(
            "fieldset",
            { class: "field" },
            h("legend", { class: "legend" }, "When these complete or fail"),
            KINDS.map((kind) => h("label", { class: "tick" }, h("input", { type: "checkbox", name: `kind:${kind}`, checked: ["crawl_job", "export_job"].includes(kind) }), ` ${kind.replace("_job", "").replace(/^./, (first) => first.toUpperCase())}`)),
          ),
        ],
        submit: "Make the webhook",
        send: async ({ url, ...ticks }) => {
          const kinds = KINDS.filter((kind) => ticks[`kind:${kind}`]);
          close(await post("/v1/webhooks", { url, events: kinds.flatMap((kind) => [`${kind}.completed`, `${kind}.failed`]) }));
        },
      }),
  });
  if (!hook) return;
  await showSecret("The webhook's secret", "It is shown this once. Your server checks signatures with it.", hook.secret);
  await reload();
}

async function deleteWebhook(hook, act) {
  const sure = await confirmAction({ title: "Delete the webhook?", text: `${hook.url} hears of nothing any more, and the list of what was sent goes.`, action: "Delete the webhook" });
  if (sure) await act(() => remove(`/v1/webhooks/${hook.id}`), "The webhook is deleted.")();
}

async function showDeliveries(hook) {
  const deliveries = signal([]);
  const load = async () => deliveries.set((await get(`/v1/webhooks/${hook.id}/deliveries`, { limit: 50 })).items);
  const replay = (delivery) => async () => {
    try {
      await post(`/v1/webhook-deliveries/${delivery.id}/replay`, {});
      notify("It is sent again.");
      await load();
    } catch (error) {
      notifyProblem(error);
    }
  };
  await load();
  await openDialog({
    title: "What was sent",
    wide: true,
    content: () => [
      h("p", { class: "dialog-text" }, hook.url),
      () =>
        deliveries().length
          ? table({
              caption: "Deliveries",
              rows: deliveries(),
              columns: [
                { name: "When", cell: (one) => h("span", { title: moment(one.created_at) }, age(one.created_at)) },
                { name: "Event", cell: (one) => one.event },
                { name: "State", cell: (one) => badge(one.status) },
                { name: "Attempts", number: true, cell: (one) => one.attempts },
                { name: "Answer", cell: (one) => one.error ?? one.response_status ?? "–" },
                { name: "", cell: (one) => button("Send again", { kind: "small", onclick: replay(one) }) },
              ],
            })
          : h("p", { class: "quiet" }, "Nothing yet."),
    ],
  });
}
