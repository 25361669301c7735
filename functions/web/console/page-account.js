// One's own account: profile, keys, webhooks, use, activity.

import { get, getAll, patch, post, remove } from "./api.js";
import { barChart } from "./chart.js";
import { h } from "./dom.js";
import { age, bytes, count, moment, words } from "./format.js";
import { button, form, textField } from "./forms.js";
import { badge, card, emptyState, pageHead, stat, table } from "./layout.js";
import { confirmAction, notify, notifyProblem, openDialog } from "./notices.js";
import { person } from "./session.js";
import { signal } from "./signals.js";
import { webhookSection } from "./webhooks.js";

const DAYS = 30;

export default async function showAccount({ signal: left }) {
  const [sessions, keys, webhooks, usage, activity] = await Promise.all([
    getAll("/v1/sessions", {}, { signal: left }),
    getAll("/v1/api-keys", {}, { signal: left }),
    getAll("/v1/webhooks", {}, { signal: left }),
    get("/v1/analytics/usage", { days: DAYS }, left),
    get("/v1/activity", { limit: 50 }, left),
  ]);
  return {
    title: "Account",
    section: "account",
    body: () => [
      pageHead({ title: "Account", about: person()?.email }),
      usageSection(usage),
      h("div", { class: "cards spaced" }, profileCard(), passwordCard()),
      sessionSection(signal(sessions)),
      keySection(signal(keys)),
      webhookSection(signal(webhooks)),
      activitySection(activity),
      dangerCard(),
    ],
  };
}

function usageSection({ items }) {
  const sum = (name) => items.reduce((all, day) => all + day[name], 0);
  const bars = (name, show) => [...items].reverse().map((day) => ({ name: day.date, value: day[name], title: `${day.date}: ${show(day[name])}` }));
  return [
    h(
      "dl",
      { class: "stats" },
      stat(`Images stored, ${DAYS} days`, count(sum("images_stored"))),
      stat("Bytes stored", bytes(sum("bytes_stored"))),
      stat("Predictions", count(sum("prediction_count"))),
      stat("Failed predictions", count(sum("failed_predictions"))),
    ),
    h(
      "div",
      { class: "cards spaced" },
      card("Images stored a day", barChart({ label: "Images stored a day", bars: bars("images_stored", count) })),
      card("Predictions a day", barChart({ label: "Predictions a day", bars: bars("prediction_count", count) })),
    ),
  ];
}

function profileCard() {
  return card(
    "Profile",
    form({
      fields: [
        textField({ label: "Name", name: "full_name", optional: true, value: person()?.full_name ?? "", autocomplete: "name" }),
        textField({ label: "E-mail", name: "email", type: "email", value: person()?.email ?? "", autocomplete: "email" }),
        textField({ label: "Current password", name: "current_password", type: "password", optional: true, autocomplete: "current-password", hint: "Needed to change the e-mail address." }),
      ],
      submit: "Save",
      kind: "plain",
      send: async ({ full_name: name = null, email, current_password: password }) => {
        const changes = { full_name: name };
        if (email !== person.peek().email) Object.assign(changes, { email, current_password: password });
        person.set(await patch("/v1/me", changes));
        notify("Your profile is saved.");
      },
    }),
  );
}

function passwordCard() {
  return card(
    "Password",
    form({
      fields: [
        textField({ label: "Current password", name: "current_password", type: "password", autocomplete: "current-password" }),
        textField({ label: "New password", name: "password", type: "password", autocomplete: "new-password", minlength: 8, maxlength: 128, hint: "8 to 128 characters." }),
      ],
      submit: "Change the password",
      kind: "plain",
      send: async (data, element) => {
        await patch("/v1/me", data);
        element.reset();
        notify("Your password is changed.");
      },
    }),
  );
}

function sessionSection(sessions) {
  const end = async (path, text) => {
    try {
      await remove(path);
      notify(text);
    } catch (error) {
      notifyProblem(error);
    }
    sessions.set(await getAll("/v1/sessions"));
  };
  const others = button("End all others", { onclick: () => end("/v1/sessions", "All other sessions have ended.") });
  return section("Sessions", others, () =>
    table({
      caption: "Sessions",
      rows: sessions(),
      columns: [
        { name: "With", cell: (one) => h("span", { class: "clip", title: one.user_agent }, one.user_agent ?? "–") },
        { name: "From", cell: (one) => one.ip_address ?? "–" },
        { name: "Last used", cell: (one) => h("span", { title: moment(one.last_used_at) }, age(one.last_used_at)) },
        { name: "", cell: (one) => (one.is_current ? badge("active", "this one") : button("End", { kind: "danger small", "aria-label": `End the session from ${one.ip_address ?? "elsewhere"}`, onclick: () => end(`/v1/sessions/${one.id}`, "The session has ended.") })) },
      ],
    }),
  );
}

function keySection(keys) {
  const reload = async () => keys.set(await getAll("/v1/api-keys"));
  const create = async () => {
    const key = await openDialog({
      title: "New API key",
      content: (close) =>
        form({
          fields: [
            textField({ label: "Name", name: "name", maxlength: 200, hint: "Where it is used, such as: laptop." }),
            textField({ label: "Ends", name: "expires_at", type: "date", optional: true, pointer: "/expires_at" }),
          ],
          submit: "Make the key",
          send: async ({ expires_at: ends, ...data }) => close(await post("/v1/api-keys", ends ? { ...data, expires_at: `${ends}T23:59:59Z` } : data)),
        }),
    });
    if (!key) return;
    await showSecret("Your new key", "It is shown this once. Who has it can do all that you can.", key.key);
    await reload();
  };
  const revoke = async (key) => {
    const sure = await confirmAction({ title: `Revoke ${key.name}?`, text: "What uses it stops working at once.", action: "Revoke the key" });
    if (!sure) return;
    try {
      await remove(`/v1/api-keys/${key.id}`);
      notify("The key is revoked.");
    } catch (error) {
      notifyProblem(error);
    }
    await reload();
  };
  return section("API keys", button("New key", { icon: "plus", onclick: create }), () =>
    keys().length
      ? table({
          caption: "API keys",
          rows: keys(),
          columns: [
            { name: "Name", cell: (key) => key.name },
            { name: "Begins with", cell: (key) => h("code", {}, key.prefix) },
            { name: "State", cell: (key) => badge(key.is_active ? "active" : "archived", key.is_active ? "active" : "revoked") },
            { name: "Last used", cell: (key) => age(key.last_used_at) },
            { name: "Ends", cell: (key) => (key.expires_at ? moment(key.expires_at) : "never") },
            { name: "", cell: (key) => key.is_active && button("Revoke", { kind: "danger small", "aria-label": `Revoke ${key.name}`, onclick: () => revoke(key) }) },
          ],
        })
      : emptyState({ icon: "key", title: "No key yet", text: "The command and the client sign in with a key." }),
  );
}

/** Show a secret that is not shown again, with a button that copies it. */
export function showSecret(title, text, secret) {
  return openDialog({
    title,
    required: true,
    content: (close) => [
      h("p", { class: "dialog-text" }, text),
      h("pre", { class: "secret", tabindex: "0" }, secret),
      h(
        "div",
        { class: "form-actions end" },
        button("Copy", { icon: "copy", onclick: () => navigator.clipboard.writeText(secret).then(() => notify("Copied."), notifyProblem) }),
        button("I have it", { kind: "primary", onclick: () => close() }),
      ),
    ],
  });
}

/** A part of the page with a heading and something to do. */
export function section(title, action, ...children) {
  return h("section", { class: "section" }, h("div", { class: "section-head" }, h("h2", {}, title), action), children);
}

function activitySection(first) {
  const rows = signal(first.items);
  const cursor = signal(first.next_cursor);
  const more = async () => {
    const page = await get("/v1/activity", { limit: 50, cursor: cursor.peek() });
    rows.update((before) => [...before, ...page.items]);
    cursor.set(page.next_cursor);
  };
  return section(
    "Activity",
    null,
    () =>
      table({
        caption: "Activity",
        rows: rows(),
        columns: [
          { name: "When", cell: (row) => h("span", { title: moment(row.timestamp) }, age(row.timestamp)) },
          { name: "What", cell: (row) => words(row.action.replace(".", ": ")) },
          { name: "Of", cell: (row) => h("span", { class: "mono" }, row.resource_id ?? "–") },
          { name: "From", cell: (row) => row.ip_address ?? "–" },
          { name: "With", cell: (row) => h("span", { class: "clip", title: row.user_agent }, row.user_agent ?? "–") },
        ],
      }),
    () => cursor() && h("p", { class: "more" }, button("Show more", { onclick: more })),
  );
}

function dangerCard() {
  const end = async () => {
    const gone = await openDialog({
      title: "Delete your account?",
      content: (close) => [
        h("p", { class: "dialog-text" }, "All your projects, images, models and exports go with it, at once and for good."),
        form({
          fields: [textField({ label: "Current password", name: "current_password", type: "password", autocomplete: "current-password" })],
          submit: "Delete my account",
          kind: "danger",
          send: async (body) => {
            await remove("/v1/me", { body });
            close(true);
          },
        }),
      ],
    });
    if (!gone) return;
    location.hash = "";
    location.reload();
  };
  return h("section", { class: "section" }, card("Delete the account", h("p", { class: "dialog-text" }, "What you have stored is removed with it."), button("Delete my account …", { kind: "danger", icon: "trash", onclick: end })));
}
