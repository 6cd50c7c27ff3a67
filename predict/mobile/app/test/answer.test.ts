import { describe, expect, it } from "vitest";
import { advised, measures, response } from "../src/answer";
import { cluster, doseMarks, mealMarks } from "../src/markers";
import { fromAddress } from "../src/session";
import type { Advice } from "../src/wire";

const bolus = {
  id: "r1",
  patient: "p-0007",
  kind: "bolus",
  units: 3.5,
  carbs_g: 0,
} as Advice;
const now = Date.parse("2026-11-21T08:11:00Z");

describe("response", () => {
  it("is a wire event in the person's time, with units", () => {
    expect(response(bolus, "accepted", advised(bolus), now)).toEqual({
      type: "response",
      id: "r1:accepted",
      patient: "p-0007",
      time: "2026-11-21T08:11:00.000Z",
      recommendation: "r1",
      action: "accepted",
      units: 3.5,
      device: "titrate-app",
    });
  });
  it("never claims a dose that was declined", () => {
    expect(response(bolus, "declined", 3.5, now)).not.toHaveProperty("units");
  });
  it("answers carbs in grams, not in units", () => {
    const r = response({ ...bolus, kind: "carbs", carbs_g: 15 }, "accepted", 15, now);
    expect(r.carbs_g).toBe(15);
    expect(r).not.toHaveProperty("units");
  });
  it("has no amount for a check", () => {
    const check: Advice = { ...bolus, kind: "check" };
    expect(response(check, "accepted", advised(check), now)).not.toHaveProperty("units");
  });
  it("is about what a question asks about", () => {
    const question: Advice = { ...bolus, id: "q", kind: "check", units: 0, asks: bolus.id };
    expect(advised(question, [bolus, question])).toBe(bolus.units);
    expect(advised(question, [question])).toBeUndefined();
    expect(response(question, "accepted", 3.5, now)).toMatchObject({ recommendation: bolus.id, units: 3.5 });
    expect(response(question, "declined", undefined, now).recommendation).toBe(bolus.id);
  });
});

describe("measures", () => {
  it.each([
    [{ kind: "check" }, true],
    [{ kind: "check", alert: "no_data" }, true],
    [{ kind: "check", alert: "urgent_low" }, true],
    [{ kind: "check", alert: "missed_bolus" }, false],
    [{ kind: "check", alert: "long_acting_late" }, false],
    [{ kind: "check", asks: "r-1" }, false],
    [{ kind: "carbs", alert: "low" }, false],
    [{ kind: "hold" }, false],
  ] as [Pick<Advice, "kind" | "asks" | "alert">, boolean][])("%j: %s", (a, want) =>
    expect(measures(a)).toBe(want),
  );
});

describe("fromAddress", () => {
  it.each([
    ["http://h/#token=s3cret", "s3cret", "/"],
    ["http://h/?token=s3cret", "s3cret", "/"],
    ["http://h/?a=1#token=s3cret&patient=p-1", "s3cret", "/?a=1#patient=p-1"],
    ["http://h/#patient=p-1", null, "/#patient=p-1"],
  ])("%s", (href, token, rest) => expect(fromAddress(href)).toEqual({ token, rest }));
});

describe("cluster", () => {
  it("adds up what would overlap, without changing its input", () => {
    const marks = [
      { t: 100, amount: 2 },
      { t: 0, amount: 45 },
      { t: 30, amount: 5 },
    ];
    expect(cluster(marks, 50)).toEqual([
      { t: 0, amount: 50 },
      { t: 100, amount: 2 },
    ]);
    expect(marks[1]).toEqual({ t: 0, amount: 45 });
  });
});

describe("marks", () => {
  const time = "2026-11-21T08:00:00Z";
  it("leave out a pump's trickle, but not a basal injection", () => {
    const doses = [0.05, 18].map((units) => ({ time, units, kind: "rapid", reason: "basal" }));
    expect(doseMarks(doses).map((m) => m.amount)).toEqual([18]);
  });
  it("name a meal's size where it has no grams", () => {
    const event = { partition: 0, offset: 0 };
    expect(mealMarks([{ time, carbs_g: 0, size: "more", event }])[0]?.size).toBe("more");
  });
});
