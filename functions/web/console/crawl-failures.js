// What a crawl did not get and why, what each host gave, and what each engine found.

import { get } from "./api.js";
import { isLive, shorten } from "./crawl-words.js";
import { h } from "./dom.js";
import { amount, count } from "./format.js";
import { button } from "./forms.js";
import { icon } from "./icons.js";
import { card, shareBars } from "./layout.js";
import { notifyProblem } from "./notices.js";
import { distinct } from "./polling.js";
import { explainReason } from "./reasons.js";
import { signal } from "./signals.js";

const EXAMPLES = 3;
const HOSTS = 12;

/** The failures by reason, each with what to do and some of its addresses. */
export function failureList(crawl) {
  const { report } = crawl;
  const images = distinct(() => listReasons(report()?.failure_reasons, report()?.failed_urls));
  const pages = distinct(() => listReasons(report()?.page_failure_reasons, report()?.failed_pages));
  const open = new Set(); // reasons whose examples are shown stay so when numbers change
  const more = makeMore(crawl);
  return h(
    "section",
    { class: "card" },
    h("h2", { class: "card-title" }, "Failures"),
    () => (images()?.length || pages()?.length ? null : h("p", { class: "quiet small" }, () => (isLive(crawl.job()) ? "None so far." : "None."))),
    () => images()?.length > 0 && h("ul", { class: "reasons" }, images().map((one) => reasonItem(one, open, more))),
    () => pages()?.length > 0 && [h("h3", { class: "sub-title" }, "Web pages that could not be read"), h("ul", { class: "reasons" }, pages().map((one) => reasonItem(one, open, null)))],
  );
}

function listReasons(tallies, failures) {
  return Object.entries(tallies ?? {}).map(([reason, number]) => ({
    reason,
    number,
    examples: failures.filter((one) => one.reason === reason).slice(0, EXAMPLES),
  }));
}

function reasonItem({ reason, number, examples }, open, more) {
  const { text, advice } = explainReason(reason);
  const key = `${more ? "image" : "page"}:${reason}`;
  const further = signal([]);
  return h(
    "li",
    {},
    h(
      "details",
      { open: open.has(key), ontoggle: (event) => (event.target.open ? open.add(key) : open.delete(key)) },
      h("summary", {}, h("span", { class: "reason-count" }, count(number)), h("span", { class: "reason-text" }, text), h("code", { class: "reason-name" }, reason)),
      h(
        "div",
        { class: "reason-body" },
        advice && h("p", { class: "reason-advice" }, advice),
        h("ul", { class: "reason-examples" }, examples.map(example), () => further().map(example)),
        () => more && number > examples.length + further().length && button("Show more addresses", { class: "button quiet small", onclick: () => more(reason, examples, further) }),
      ),
    ),
  );
}

function example({ url, position, source_page: page, detail, http_status: status }) {
  const facts = [position !== null && `row ${count(position + 1)}`, status && `status ${status}`, detail].filter(Boolean).join(" · ");
  return h(
    "li",
    {},
    foreignLink(url, url),
    facts && h("span", { class: "quiet small" }, facts),
    page && h("span", { class: "quiet small" }, "on ", foreignLink(page, shorten(page))),
  );
}

function foreignLink(address, text) {
  if (!/^https?:\/\//i.test(address)) return h("span", { class: "address" }, text);
  return h("a", { class: "address", href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

/** Make what pages through the failed addresses of a report for more of one reason. */
function makeMore({ path, left, report }) {
  return async (reason, examples, further) => {
    const shown = new Set(examples.map(({ url, position }) => `${position} ${url}`));
    try {
      const found = [];
      let cursor = null;
      do {
        const page = await get(`${path}/report`, { cursor, limit: 200 }, left);
        found.push(...page.failed_urls.filter((one) => one.reason === reason && !shown.has(`${one.position} ${one.url}`)));
        cursor = page.next_cursor;
      } while (cursor && found.length < further.peek().length + 50);
      further.set(found.slice(0, further.peek().length + 50));
    } catch (error) {
      notifyProblem(error);
    }
  };
}

/** The images that each host gave. */
export function hostList({ report }) {
  const hosts = distinct(() => Object.entries(report()?.source_hosts ?? {}));
  const all = signal(false);
  return () =>
    hosts()?.length > 0 &&
    card(
      "Where they come from",
      shareBars(hosts().slice(0, all() ? Infinity : HOSTS).map(([name, value]) => ({ name, value }))),
      hosts().length > HOSTS && !all() && button(`Show all ${count(hosts().length)}`, { class: "button quiet small", onclick: () => all.set(true) }),
    );
}

/** The searches of a crawl by keywords. */
export function searchList({ report }) {
  const searches = distinct(() => report()?.searches ?? []);
  return () =>
    searches()?.length > 0 &&
    card(
      "Searches",
      h(
        "ul",
        { class: "searches" },
        searches().map(({ keyword, label, engine, results, found, end, detail }) =>
          h(
            "li",
            {},
            h("strong", {}, keyword),
            h("span", { class: "quiet small" }, `${engine}${label ? ` · as ${label}` : ""} · ${amount(found, "address", "addresses")} of ${amount(results, "result")}`),
            end && end !== "complete" && h("span", { class: "error small" }, icon("alert", 14), detail ?? explainReason(end).text),
          ),
        ),
      ),
    );
}
