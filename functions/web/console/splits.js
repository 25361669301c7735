// Shares of a dataset for training, validation and test.

import { choiceField } from "./forms.js";

const SHARES = [
  ["", "No splits"],
  ["train=0.8,test=0.2", "train 80 %, test 20 %"],
  ["train=0.8,validation=0.1,test=0.1", "train 80 %, validation 10 %, test 10 %"],
  ["train=0.7,validation=0.15,test=0.15", "train 70 %, validation 15 %, test 15 %"],
  ["train=0.9,test=0.1", "train 90 %, test 10 %"],
];

const ORDER = ["train", "validation", "test"];

/** Return the splits of a version as `[name, images]`, in the order in which they are used. */
export function orderSplits(splits) {
  const place = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return Object.entries(splits).sort(([one], [other]) => place(one) - place(other) || one.localeCompare(other));
}

/** A field that chooses shares. */
export function sharesField() {
  return choiceField({ label: "Splits", name: "shares", pointer: "/splits", options: SHARES, value: SHARES[2][0], hint: "Near copies never stand in two splits." });
}

/** Turn "train=0.8,test=0.2" into the shares by name; nothing into null. */
export function readShares(text) {
  if (!text) return null;
  return Object.fromEntries(text.split(",").map((part) => part.split("=")).map(([name, share]) => [name, Number(share)]));
}
