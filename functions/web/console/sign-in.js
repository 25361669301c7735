// Sign in, make an account, and sign in again where a session has ended meanwhile.

import { h } from "./dom.js";
import { form, textField } from "./forms.js";
import { openDialog } from "./notices.js";
import { person, register, signIn } from "./session.js";
import { signal } from "./signals.js";

/** Make the page for who is not signed in; `enter` is called when somebody is. */
export function signInPage(enter) {
  const fresh = signal(false);
  document.title = "Sign in · Pixmill";
  return h(
    "main",
    { class: "sign-in" },
    h(
      "div",
      { class: "sign-in-box" },
      h("img", { src: "/console/logo.svg", alt: "", width: 44, height: 44 }),
      h("h1", {}, () => (fresh() ? "Make an account" : "Sign in to Pixmill")),
      h("p", { class: "quiet" }, "Collect images, clean them up, and export a dataset that is ready to train on."),
      () => (fresh() ? registerForm(enter) : signInForm(enter)),
      h(
        "p",
        { class: "sign-in-other" },
        () => (fresh() ? "You have one already? " : "New here? "),
        h("button", { type: "button", class: "link", onclick: (event) => (fresh.update((now) => !now), focusForm(event.target.closest(".sign-in-box"))) }, () => (fresh() ? "Sign in" : "Make an account")),
      ),
    ),
  );
}

/** Move to the form's first field, once it is there. */
function focusForm(box) {
  setTimeout(() => box.querySelector("input")?.focus());
}

/** Ask for the password where a session has ended; what the page holds stays. Resolves when signed in. */
export async function signInAgain() {
  const done = await (signInAgain.asking ??= openDialog({
    title: "Your session has ended",
    content: (close) => [
      h("p", { class: "dialog-text" }, "Sign in again and go on: nothing on this page is lost."),
      signInForm(() => close(true), person.peek()?.email),
    ],
  }));
  signInAgain.asking = null;
  if (!done) location.reload();
}

function signInForm(enter, email = "") {
  return form({
    fields: [
      textField({ label: "E-mail", name: "email", type: "email", autocomplete: "username", value: email, autofocus: !email }),
      textField({ label: "Password", name: "password", type: "password", autocomplete: "current-password", autofocus: Boolean(email) }),
    ],
    submit: "Sign in",
    send: async (data) => {
      await signIn(data);
      enter();
    },
  });
}

function registerForm(enter) {
  return form({
    fields: [
      textField({ label: "Name", name: "full_name", optional: true, autocomplete: "name", autofocus: true }),
      textField({ label: "E-mail", name: "email", type: "email", autocomplete: "username" }),
      textField({ label: "Password", name: "password", type: "password", autocomplete: "new-password", minlength: 8, maxlength: 128, hint: "8 to 128 characters." }),
    ],
    submit: "Make an account",
    send: async (data) => {
      await register(data);
      enter();
    },
  });
}
