import { describe, expect, it } from "vitest";
import { pieces as cut, inUnit, outline } from "../src/sentence";
import type { Recommendation } from "../src/wire";

const golden = import.meta.glob<string>("../../../../testdata/scenarios/*.golden", {
  query: "?raw",
  import: "default",
  eager: true,
});

// Every sentence and every note of the golden answers.
const recorded = Object.values(golden)
  .flatMap((text) => text.split("\n"))
  .map((line) => /^ +(?:because|(?:block|reduce|pass) \w+:) (.*)$/.exec(line)?.[1])
  .filter((text) => text !== undefined);

describe("a sentence in mmol/L", () => {
  it.each([
    [
      "glucose 68 mg/dL is below 70: carbs first, no insulin",
      "glucose 3.8 mmol/L is below 3.9: carbs first, no insulin",
    ],
    [
      "45 g ÷ 10 g/U = 4.5 U; (172 − 110) ÷ 45 = 1.38 U; together 5.88 U",
      "45 g ÷ 10 g/U = 4.5 U; (9.55 − 6.11) ÷ 2.5 = 1.38 U; together 5.88 U",
    ],
    [
      "(76 − 110) ÷ 45 = −0.76 U; × 0.8 for glucose below 80 = 4.19 U",
      "(4.22 − 6.11) ÷ 2.5 = −0.76 U; × 0.8 for glucose below 4.4 = 4.19 U",
    ],
    [
      "forecast to reach 52 in 60 min: (100 − 52) ÷ 4.5 mg/dL per g = 10.67 g, at least 15 g",
      "forecast to reach 2.9 in 60 min: (5.55 − 2.89) ÷ 0.25 mmol/L per g = 10.67 g, at least 15 g",
    ],
    [
      "glucose 108 is in the range 100–120, no correction",
      "glucose 6.0 is in the range 5.6–6.7, no correction",
    ],
    [
      "the chance of less than 70 mg/dL is 18.2 % at 240 min (limit 5 %)",
      "the chance of less than 3.9 mmol/L is 18.2 % at 240 min (limit 5 %)",
    ],
    [
      "the lowest median is 65 mg/dL at 30 min (limit 80; the model is not calibrated yet)",
      "the lowest median is 3.6 mmol/L at 30 min (limit 4.4; the model is not calibrated yet)",
    ],
    ["glucose has gone from 143 to 171 mg/dL since", "glucose has gone from 7.9 to 9.5 mmol/L since"],
    [
      "they would bring glucose from 151 below 70 mg/dL; eat",
      "they would bring glucose from 8.4 below 3.9 mmol/L; eat",
    ],
    ["glucose is falling by 1.3 mg/dL per min: wait", "glucose is falling by 0.07 mmol/L per min: wait"],
    [
      "carb ratio 10 g/U, sensitivity 45 mg/dL per U, target 110 mg/dL",
      "carb ratio 10 g/U, sensitivity 2.5 mmol/L per U, target 6.1 mmol/L",
    ],
    ["-2.1 mg/dL per min", "-0.12 mmol/L per min"],
    ["a zigzag (0.71, limit 0.5): check with a meter", "a zigzag (0.71, limit 0.5): check with a meter"],
    ["adult with type 2: at most 25 U", "adult with type 2: at most 25 U"],
    ["above 130, and no low: 2 U more than 24 U", "above 7.2, and no low: 2 U more than 24 U"],
  ])("%s", (text, want) => expect(inUnit(text, "mmol/L")).toBe(want));

  it("isn't touched for who reads mg/dL", () =>
    expect(inUnit("glucose 68 is odd", "mg/dL")).toBe("glucose 68 is odd"));
  it.each(["glucose is 143", "7 of 9 readings", "below 70 %,5", "model v2.170"])(
    "%s: not known, not said",
    (text) => expect(inUnit(text, "mmol/L")).toBeNull(),
  );

  it("is known of every golden answer, without a number in mg/dL", () => {
    expect(recorded.length).toBeGreaterThan(200);
    expect(recorded.filter((text) => inUnit(text, "mmol/L") === null)).toEqual([]);
    expect(recorded.filter((text) => inUnit(text, "mmol/L")?.includes("mg/dL"))).toEqual([]);
  });
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
