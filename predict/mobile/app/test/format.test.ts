import { describe, expect, it } from "vitest";
import api from "../../openapi.json";
import * as format from "../src/format";
import type { Advice, Danger, Recommendation } from "../src/wire";

const bolus: Recommendation = {
  id: "r1",
  patient: "p",
  time: "2026-11-21T08:10:00Z",
  expires: "2026-11-21T08:20:00Z",
  kind: "bolus",
  units: 3.5,
  carbs_g: 0,
  because: "",
  components: { meal_u: 3.75, correction_u: 0, iob_u: 1.2, model_factor: 0.97 },
  gates: [],
  forecast: [],
  model: "m",
  event: { partition: 0, offset: 7 },
};

describe("glucose", () => {
  it("is whole in mg/dL and has one decimal in mmol/L", () => {
    expect(format.glucose(142.6, "mg/dL")).toBe("143");
    expect(format.glucose(143, "mmol/L")).toBe("7.9");
    expect(format.glucose(180, "mmol/L")).toBe("10.0");
  });
  it("converts 70 mg/dL by the molar mass, not by 18", () => {
    expect(format.inUnit(70, "mmol/L")).toBeCloseTo(3.8855, 4);
  });
  it("has lines in a chart at numbers that are round in the reader's unit", () => {
    expect(format.levels(400, "mg/dL")).toEqual([70, 180, 300, 400]);
    expect(format.levels(400, "mmol/L").map((v) => format.glucose(v, "mmol/L"))).toEqual([
      "3.9",
      "10.0",
      "15.0",
      "20.0",
    ]);
    expect(format.levels(300, "mmol/L")).toEqual([70, 180, 250]);
  });
  it.each([
    [54.9, "urgent"],
    [55, "low"],
    [69.9, "low"],
    [70, "in"],
    [180, "in"],
    [180.1, "high"],
  ])("%d is %s", (mgdl, band) => expect(format.band(mgdl)).toBe(band));
});

describe("label", () => {
  const alerts = api.components.schemas.Recommendation.properties.alert.enum as Danger[];
  it.each(alerts)("names the danger %s", (alert) =>
    expect(format.label({ ...bolus, alert })).not.toBe(format.label(bolus)),
  );
  it("is the kind where nothing threatens", () => expect(format.label(bolus)).toBe("Meal dose"));
});

describe("number", () => {
  it.each([
    ["4.5", 4.5],
    ["4,5", 4.5],
    [".5", 0.5],
    [" 12 ", 12],
    ["3.", 3],
  ])("reads %s", (text, n) => expect(format.number(text)).toBe(n));
  it.each(["", "4.5.6", "1,000.5", "-3", "1e2", "5 g", "Infinity", ".", "0x10"])("refuses %s", (text) =>
    expect(format.number(text)).toBeNaN(),
  );
});

describe("times", () => {
  const t = Date.parse("2026-11-21T08:00:00Z");
  it.each([
    [59_000, "just now"],
    [125_000, "2 min ago"],
    [3_725_000, "1 h 2 min ago"],
    [90_000_000, "1 d ago"],
  ])("%d ms later is %s", (ms, words) => expect(format.age(t, t + ms)).toBe(words));
  it.each([
    [581_000, "9:41"],
    [400, "0:01"],
    [-5000, "0:00"],
    [3_900_000, "1 h 05 min"],
  ])("%d ms are left: %s", (ms, words) => expect(format.countdown(t + ms, t)).toBe(words));
  it("shows the person's time, not the reader's", () => {
    expect(format.clock(t, "Europe/Berlin")).toBe("09:00");
    expect(format.clock(t, "America/New_York")).toBe("03:00");
  });
});

describe("day", () => {
  const now = Date.parse("2026-11-25T06:30:00Z");
  it.each([
    ["2026-11-25T00:10:00Z", "Europe/Berlin", ""],
    ["2026-11-24T23:10:00Z", "Europe/Berlin", ""], // it was past midnight there
    ["2026-11-24T22:10:00Z", "Europe/Berlin", "Tue"],
    ["2026-11-25T00:10:00Z", "America/New_York", "Tue"],
    ["2026-11-19T06:40:00Z", "UTC", "Thu"],
    ["2026-11-19T06:20:00Z", "UTC", "19 Nov"],
  ])("%s in %s: %s", (at, zone, want) => expect(format.day(Date.parse(at), now, zone)).toBe(want));
});

describe("title", () => {
  it("says what for, where the meal is known", () => {
    expect(format.title(bolus, 45)).toBe("3.5 U for 45 g");
    expect(format.title(bolus)).toBe("3.5 U");
  });
  it("never shows a dose on a refusal", () => {
    expect(format.title({ ...bolus, kind: "hold" }, 45)).toBe("No dose for 45 g");
    expect(format.title({ ...bolus, kind: "check" }, 45)).toBe("Measure first, for 45 g");
    expect(format.title({ ...bolus, kind: "check", alert: "low" }, 45)).toBe("Please check");
  });
  it("asks for carbs in grams", () => {
    expect(format.title({ ...bolus, kind: "carbs", carbs_g: 15 })).toBe("Eat 15 g fast carbs");
  });
});

describe("outcome", () => {
  const advice: Advice = { ...bolus, state: "answered" };
  const at = "2026-11-21T08:11:00Z";
  it("names what was taken", () => {
    expect(format.outcome({ ...advice, answer: { time: at, action: "changed", units: 3 } })).toBe(
      "Changed 3 U",
    );
    expect(format.outcome({ ...advice, answer: { time: at, action: "declined" } })).toBe("Declined");
  });
  it("says what became of advice without an answer", () => {
    expect(format.outcome({ ...bolus, state: "superseded" })).toBe("Replaced");
  });
});

describe("tellsGlucose", () => {
  it("finds a glucose with its unit or without", () => {
    for (const text of [
      "40 g ÷ 10 g/U = 4 U; (153 − 110) ÷ 45 = 0.96 U",
      "glucose 118 is in the range 100–120, no correction",
      "glucose has gone from 143 to 171 mg/dL since the last advice",
    ]) {
      expect(format.tellsGlucose(text), text).toBe(true);
    }
  });
  it("finds none in sentences about other things", () => {
    for (const text of [
      "15 g of carbs against a low need no insulin; check again in 15 min",
      "no insulin: how many grams of carbs? A meal without them can't be dosed for",
      "no long-acting insulin has been logged for 28 h (last 18 U): if you took it, log it",
    ]) {
      expect(format.tellsGlucose(text), text).toBe(false);
    }
  });
});
