import { describe, expect, it } from "vitest";
import { pieces as cut, inUnit, outline } from "../src/sentence";
import type { Recommendation } from "../src/wire";

// Examples by hand and every sentence and note of the golden answers, each with how it is said in
// mmol/L; the card of `titrate explain` is held to the same files.
const files = import.meta.glob<string>("../../../../testdata/mmol/*", {
  query: "?raw",
  import: "default",
  eager: true,
});
const table = (name: string): [string, string][] => {
  const text = Object.entries(files).find(([path]) => path.endsWith(name))?.[1] ?? "";
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split("\t") as [string, string]);
};
const examples = table("examples.tsv");
const golden = table("scenarios.golden");
const recorded = golden.map(([text]) => text);

describe("a sentence in mmol/L", () => {
  it.each(examples)("%s", (text, want) => expect(inUnit(text, "mmol/L") ?? "").toBe(want));
  it("is what the card says", () => {
    expect(golden.length).toBeGreaterThan(400);
    expect(golden.filter(([text, want]) => inUnit(text, "mmol/L") !== want)).toEqual([]);
  });

  it("isn't touched for who reads mg/dL", () =>
    expect(inUnit("glucose 68 is odd", "mg/dL")).toBe("glucose 68 is odd"));
  it("changes only what is a glucose", () => {
    const doses = (text: string) => text.match(/[\d.]+ (?:U|g|min|h|%)(?![\w/])/g);
    for (const text of recorded) expect(doses(inUnit(text, "mmol/L") ?? "")).toEqual(doses(text));
  });
});

describe("an outline", () => {
  const dose = (units: number, meal_u: number, correction_u: number) =>
    ({ units, components: { meal_u, correction_u, iob_u: 1.2, model_factor: 1 } }) as Recommendation;
  it.each([
    [dose(2.5, 2.7, 1.42), "2.7 U for the carbs and 1.42 U to correct, adjusted to 2.5 U:"],
    [dose(4, 6, -0.76), "6 U for the carbs, less 0.76 U, adjusted to 4 U:"],
    [dose(1.5, 0, 2.28), "2.28 U to correct, adjusted to 1.5 U:"],
    [dose(6, 6, 0), "6 U for the carbs:"],
    [dose(0, 0, 0), "How it is worked out:"],
  ])("of %j", (r, want) => expect(outline(r)).toBe(want));
});

describe("pieces", () => {
  const pieces = (text: string) => cut(text, "How it is worked out:");
  it("leave a short sentence whole", () =>
    expect(pieces("45 g ÷ 12 g/U = 3.75 U; rounded down to 3.5 U").list).toEqual([]));
  it("list the steps of a dose", () =>
    expect(
      pieces(
        "30 g ÷ 18 g/U = 1.67 U; (220 − 110) ÷ 140 = 0.79 U; together 2.46 U; rounded down to 2 U; lowered to 1 U: why",
      ),
    ).toEqual({
      lead: "How it is worked out:",
      list: [
        "30 g ÷ 18 g/U = 1.67 U",
        "(220 − 110) ÷ 140 = 0.79 U",
        "together 2.46 U",
        "rounded down to 2 U",
        "lowered to 1 U: why",
      ],
    }));
  it("begin with what is the matter", () =>
    expect(
      pieces(
        "glucose 68 mg/dL is below 70 and forecast to reach 52 in 60 min: (100 − 52) ÷ 4.5 mg/dL per g = 10.67 g, at least 15 g; check again in 15 min",
      ),
    ).toEqual({
      lead: "glucose 68 mg/dL is below 70 and forecast to reach 52 in 60 min",
      list: ["(100 − 52) ÷ 4.5 mg/dL per g = 10.67 g, at least 15 g", "check again in 15 min"],
    }));
  it("list the reasons of a refusal", () =>
    expect(
      pieces(
        `no insulin: ${"glucose is 15 min old (limit 12 min): measure with a meter"}; the trend is unknown: no correction unasked`,
      ).list,
    ).toEqual([
      "glucose is 15 min old (limit 12 min): measure with a meter",
      "the trend is unknown: no correction unasked",
    ]));
  it("keep every word", () => {
    const bare = (text: string) => text.replace(/[;: ]/g, "");
    for (const text of recorded) {
      const { lead, list } = pieces(text);
      const all = [lead === "How it is worked out:" ? "" : lead, ...list].join("");
      expect(bare(all)).toBe(bare(text));
    }
  });
});
