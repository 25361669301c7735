// What is shown where an address names no view.

import { emptyState, linkButton, pageHead } from "./layout.js";

export default function showMissing() {
  return {
    title: "Not found",
    body: () => [
      pageHead({ title: "There is no such page" }),
      emptyState({ icon: "search", title: "The address leads nowhere", text: "It may be mistyped or from another version.", action: linkButton("To your projects", "/projects", { kind: "primary" }) }),
    ],
  };
}
