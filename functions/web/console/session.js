// Who is signed in.

import { call, get, Problem } from "./api.js";
import { signal } from "./signals.js";

/** The profile of who is signed in, or null. */
export const person = signal(null);

// A note to this origin's own scripts that there may be a session: without it, nobody is asked.
const NOTE = "__Host-pixmill-seen";

/** Sign in with `{email, password}` or `{code}`. */
export async function signIn(credentials) {
  await call("POST", "/v1/web-sessions", { body: credentials, anonymous: true });
  document.cookie = `${NOTE}=1; Path=/; Secure; SameSite=Strict; Max-Age=${30 * 24 * 3600}`;
  person.set(await get("/v1/me"));
}

/** Make an account and sign in to it. */
export async function register(account) {
  await call("POST", "/v1/users", { body: account, anonymous: true });
  await signIn({ email: account.email, password: account.password });
}

/** Return whether somebody has signed in with this browser, and may still be. */
export const isKnown = () => document.cookie.includes(NOTE);

/** Find out who is signed in: by a code behind #, else by the cookie, else nobody. */
export async function findPerson() {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code) {
    history.replaceState(null, "", "#/");
    try {
      return await signIn({ code });
    } catch (error) {
      // Used or too old; whoever is signed in already needs none.
      if (!(error instanceof Problem) || error.status === 0) throw error;
    }
  }
  if (!isKnown()) return;
  try {
    person.set(await get("/v1/me"));
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  }
}

/** Sign out, and forget all that this tab holds. */
export async function signOut() {
  await call("DELETE", "/v1/web-sessions/current", { anonymous: true });
  document.cookie = `${NOTE}=; Path=/; Secure; SameSite=Strict; Max-Age=0`;
  location.hash = "";
  location.reload();
}
