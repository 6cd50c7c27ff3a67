// Sentences of advice as a person reads them: in the reader's unit, and the long ones in
// pieces. What is recorded stays as it is, in mg/dL; only the rendering is another.

import { amount, mgdlPerMmol, type Unit } from "./format";
import type { Recommendation } from "./wire";

const n = "−?\\d+(?:\\.\\d+)?";

// One decimal for a glucose, as meters show it; two where numbers are worked with, so that
// the sum can be checked.
const tenth = (mgdl: string) => (Number(mgdl.replace("−", "-")) / mgdlPerMmol).toFixed(1).replace("-", "−");
const hundredth = (mgdl: string) =>
  String(Math.round((Number(mgdl.replace("−", "-")) / mgdlPerMmol) * 100) / 100).replace("-", "−");

// Where a glucose stands in what is said, the longest form first, and how it is said in mmol/L.
const glucoses: [RegExp, (...groups: string[]) => string][] = [
  [
    new RegExp(`^\\((${n}) − (${n})\\) ÷ (${n})( mg/dL per [Ug])?(?= =)`),
    (a, b, c, per) =>
      `(${hundredth(a)} − ${hundredth(b)}) ÷ ${hundredth(c)}${(per ?? "").replace("mg/dL", "mmol/L")}`,
  ],
  [new RegExp(`^(${n}) mg/dL per (U|g|min)\\b`), (a, per) => `${hundredth(a)} mmol/L per ${per}`],
  [new RegExp(`^(${n}) mg/dL`), (a) => `${tenth(a)} mmol/L`],
  [
    new RegExp(`^from (${n}) (to|below) (${n}) mg/dL`),
    (a, to, b) => `from ${tenth(a)} ${to} ${tenth(b)} mmol/L`,
  ],
  [
    new RegExp(`^(below|above|to reach|\\(limit) (${n})(?= and|[,;:]| for| in \\d| within| again|$| =)`),
    (where, a) => `${where} ${tenth(a)}`,
  ],
  [
    new RegExp(`^glucose (${n}) is in the range (${n})–(${n})`),
    (a, b, c) => `glucose ${tenth(a)} is in the range ${tenth(b)}–${tenth(c)}`,
  ],
];

// Numbers that are no glucose.
const others = new RegExp(
  `^(?:${n} (?:U|g|g/U|min|h|hours|%|d)(?![\\w/])|× ${n}|${n} of (?:three mornings|the model's inputs)|type \\d|zigzag \\(?${n}(?:, limit ${n})?\\)?)`,
);

// inUnit is a recorded sentence in the reader's unit; null if it has a number of which it
// isn't known whether it is a glucose: rather another unit than a wrong number.
export function inUnit(text: string, unit: Unit): string | null {
  if (unit === "mg/dL") return text;
  let said = "";
  for (let at = 0; at < text.length; ) {
    const [as, length] = beginning(text.slice(at), text[at - 1] ?? " ");
    if (length === 0) return null;
    said += as;
    at += length;
  }
  return said;
}

// beginning is how a text begins, as it is said, and how much of it that is; 0 if it begins with
// a number that isn't known.
function beginning(text: string, before: string): [string, number] {
  if (!/[\w.−]/.test(before)) {
    for (const [form, say] of glucoses) {
      const found = form.exec(text);
      if (found) return [say(...found.slice(1)), found[0].length];
    }
    const other = others.exec(text);
    if (other) return [other[0], other[0].length];
  }
  return /^\d/.test(text) ? ["", 0] : [text[0] as string, 1];
}

// Pieces are a sentence and what is listed below it.
export interface Pieces {
  lead: string;
  list: string[];
}

const short = 90; // characters; on a phone two lines

// outline is what a dose is made of, in one sentence.
export function outline(r: Recommendation): string {
  const { meal_u: meal, correction_u: correction } = r.components ?? { meal_u: 0, correction_u: 0 };
  const parts: string[] = [];
  if (meal > 0) parts.push(`${amount(meal)} U for the carbs`);
  if (correction > 0) parts.push(`${amount(correction)} U to correct`);
  if (parts.length === 0) return "How it is worked out:";
  const less = correction < 0 ? `, less ${amount(-correction)} U` : "";
  const end = amount(r.units) === amount(meal + correction) ? "" : `, adjusted to ${amount(r.units)} U`;
  return `${parts.join(" and ")}${less}${end}:`;
}

// pieces takes a long sentence apart where its clauses end. Every word of it stays; arithmetic is
// listed below its outline.
export function pieces(text: string, outline: string): Pieces {
  const list = text.split(/; |: (?=\()/);
  const first = list[0] as string;
  if (text.length <= short || list.length < 2) return { lead: text, list: [] };
  const prefix = /^no (insulin|correction): /.exec(first)?.[0];
  if (prefix) return { lead: prefix.trim(), list: [first.slice(prefix.length), ...list.slice(1)] };
  if (first.includes("÷")) return { lead: outline, list };
  return { lead: first, list: list.slice(1) };
}
