import { beforeEach, describe, expect, it } from "vitest";
import { columns, lanes, likely, type Scene, top, without } from "../src/scene";
import {
  carbsOf,
  current,
  eaten,
  expected,
  initial,
  insert,
  type News,
  nowOf,
  onCard,
  type Person,
  reduce,
  type State,
} from "../src/state";
import type { Advice, Hello, Reading } from "../src/wire";

const wall = 1_000_000;
const t = (hm: string) => `2026-11-21T${hm}:00Z`;
const advice = (id: string, time: string, expires: string): Advice => ({
  id,
  patient: "p-0007",
  time: t(time),
  expires: t(expires),
  kind: "bolus",
  units: 3.5,
  carbs_g: 0,
  because: "45 g ÷ 12 g/U = 3.75 U",
  components: { meal_u: 3.75, correction_u: 0, iob_u: 0, model_factor: 1 },
  gates: [],
  forecast: [],
  model: "m",
  event: { partition: 2, offset: 99 },
  state: "current",
});
const hello: Hello = {
  id: "p-0007",
  patient: "p-0007",
  last: null,
  advice: null,
  alert: null,
  now: t("08:00"),
  timezone: "Europe/Berlin",
  simulated: true,
  speed: 60,
  glucose: [{ time: t("07:55"), mgdl: 143 }],
  meals: [],
  insulin: [],
  forecast: { from: t("08:00"), now: t("08:00"), points: [] },
  recommendations: [],
  latency: { count: 0, last_ms: 0, p50_ms: 0, p99_ms: 0 },
};
const event = (name: string, data: unknown, at = wall): News => ({
  type: "event",
  event: name,
  data,
  wall: at,
});
const folded = (...news: News[]): State => news.reduce(reduce, reduce(initial, event("hello", hello)));
const person = (s: State): Person => {
  if (!s.person) throw new Error("no person");
  return s.person;
};

describe("the kill switch", () => {
  it("withdraws a dose, says why, and withdraws nothing of a refusal", () => {
    const refused: Advice = { ...advice("b", "08:01", "08:11"), kind: "hold", units: 0 };
    const stopped = folded(
      event("recommendation", advice("a", "08:00", "08:10")),
      event("stop", { reason: "under review" }),
      event("recommendation", refused),
    );
    expect(person(stopped).stopped).toBe("under review");
    expect(person(stopped).advices.map((a) => a.state)).toEqual(["withdrawn", "current"]);
    expect(
      current(
        person(
          folded(event("recommendation", advice("a", "08:00", "08:10")), event("stop", { reason: "x" })),
        ),
        Date.parse(t("08:01")),
      ),
    ).toBeUndefined();
    const on = reduce(stopped, event("stop", { reason: "" }));
    expect(person(on).stopped).toBe("");
    expect(person(on).advices[0]?.state).toBe("withdrawn");
  });
});

describe("carbs that were eaten", () => {
  const at = (hm: string) => Date.parse(t(hm));
  const meal = (time: string, carbs_g: number) =>
    event("meal", { time: t(time), carbs_g, event: { partition: 2, offset: 1 } });
  it("count while they can't show yet", () => {
    const p = person(folded(meal("08:00", 15)));
    expect(eaten(p, at("08:00"))?.carbs_g).toBe(15);
    expect(eaten(p, at("08:14"))?.carbs_g).toBe(15);
    expect(eaten(p, at("08:15"))).toBeUndefined();
  });
  it("are those of the past, and carbs", () => {
    expect(eaten(person(folded(meal("08:10", 15))), at("08:00"))).toBeUndefined();
    expect(eaten(person(folded(meal("08:00", 0))), at("08:01"))).toBeUndefined();
  });
});

describe("reduce", () => {
  let state: State;
  beforeEach(() => {
    state = folded();
  });

  it("ignores news before hello", () => {
    expect(reduce(initial, event("glucose", { time: t("08:00"), mgdl: 150 })).person).toBeNull();
  });
  it("forgets the person on another choice", () => {
    expect(reduce(state, { type: "select" }).person).toBeNull();
  });
  it("puts a late reading where it happened", () => {
    const s = folded(
      event("glucose", { time: t("08:05"), mgdl: 150 }),
      event("glucose", { time: t("08:00"), mgdl: 147 }),
    );
    expect(person(s).glucose.map((r) => r.mgdl)).toEqual([143, 147, 150]);
  });
  it("supersedes advice by newer advice", () => {
    const s = folded(
      event("recommendation", advice("a", "08:00", "08:10")),
      event("recommendation", advice("b", "08:01", "08:11")),
    );
    expect(person(s).advices.map((a) => a.state)).toEqual(["superseded", "current"]);
    expect(current(person(s), Date.parse(t("08:02")))?.id).toBe("b");
  });
  it("keeps one of advice that comes twice", () => {
    const a = event("recommendation", advice("a", "08:00", "08:10"));
    expect(person(folded(a, a)).advices).toHaveLength(1);
  });
  it("marks an answer, whoever reports it", () => {
    const a = advice("a", "08:00", "08:10");
    const told = folded(event("recommendation", a), {
      type: "answered",
      id: "a",
      action: "changed",
      units: 3,
      time: t("08:01"),
    });
    expect(person(told).advices[0]?.answer).toEqual({ action: "changed", units: 3, time: t("08:01") });
    const heard = folded(
      event("recommendation", a),
      event("response", { ...a, state: "answered", answer: { time: t("08:01"), action: "declined" } }),
    );
    expect(person(heard).advices[0]?.state).toBe("answered");
    expect(current(person(heard), Date.parse(t("08:02")))).toBeUndefined();
  });
  it("clears an alert", () => {
    const low = { code: "low", level: "warning", note: "Low", since: t("08:00") };
    expect(person(folded(event("alert", low))).alert?.code).toBe("low");
    expect(person(folded(event("alert", low), event("alert", { ...low, code: "clear" }))).alert).toBeNull();
  });
  it("has no forecast where the server has none", () => {
    expect(person(state).forecast).toBeNull();
  });
});

describe("current", () => {
  it("ends by the person's clock, even if the server says nothing", () => {
    const p = person(folded(event("recommendation", advice("a", "08:00", "08:10"))));
    expect(current(p, Date.parse(t("08:09")))?.id).toBe("a");
    expect(current(p, Date.parse(t("08:10")))).toBeUndefined();
  });
});

describe("onCard", () => {
  const p = person(folded(event("recommendation", advice("a", "08:00", "08:10"))));
  it.each([
    ["08:09", "current"],
    ["08:10", "expired"],
    ["08:40", "expired"],
    ["08:41", undefined],
  ])("at %s is %s", (hm, state) => expect(onCard(p, Date.parse(t(hm)))?.state).toBe(state));
});

describe("nowOf", () => {
  it("runs as fast as the virtual clock", () => {
    const { clock } = person(folded());
    expect(nowOf(clock, wall + 1000)).toBe(Date.parse(t("08:01")));
  });
  it("follows the server's clock", () => {
    const s = folded(event("beat", { now: t("09:00"), latency: hello.latency }, wall + 500));
    expect(nowOf(person(s).clock, wall + 500)).toBe(Date.parse(t("09:00")));
  });
});

describe("insert", () => {
  it("drops what is older than a day, and repeats", () => {
    const r = (time: string): Reading => ({ time, mgdl: 100 });
    const list = insert([r("2026-11-20T07:00:00Z")], r("2026-11-21T08:00:00Z"));
    expect(list).toHaveLength(1);
    expect(insert(list, r("2026-11-21T08:00:00Z"))).toHaveLength(1);
  });
});

describe("carbsOf", () => {
  it("is the meal at the position that the advice answers", () => {
    const meal = { time: t("08:00"), carbs_g: 45, event: { partition: 2, offset: 99 } };
    const p = person(folded(event("meal", meal)));
    expect(carbsOf(p, advice("a", "08:00", "08:10"))).toBe(45);
    expect(
      carbsOf(p, { ...advice("a", "08:00", "08:10"), event: { partition: 3, offset: 99 } }),
    ).toBeUndefined();
  });
});

describe("the picture", () => {
  const points = [60, 120].map((minutes) => ({ minutes, p05: 90, p50: 120, p95: 350 }));
  const ahead = { from: t("08:00"), now: t("08:00"), points };
  const scene = (s: State, followed: Scene["followed"] = null): Scene => ({
    person: person(s),
    now: Date.parse(t("08:00")),
    unit: "mg/dL",
    followed,
    dose: "",
  });

  it("shows the forecast that the advice was chosen by", () => {
    const a: Advice = { ...advice("a", "08:05", "08:15"), forecast: points };
    const s = scene(folded(event("forecast", ahead)), expected(a));
    expect(likely(s)?.from).toBe(Date.parse(t("08:05")));
    expect(likely(scene(folded(event("forecast", ahead))))?.from).toBe(Date.parse(t("08:00")));
  });
  it("shows beside it what was forecast without, and else what is forecast now", () => {
    const now = scene(folded(event("forecast", ahead)));
    expect(without(now)?.points.map((p) => p.p50)).toEqual([120, 120]);
    const plain: Advice = { ...advice("a", "08:05", "08:15"), forecast: points };
    expect(without({ ...now, followed: expected(plain) })?.from).toBe(Date.parse(t("08:00")));
    const both = { ...plain, forecast: points.map((p) => ({ ...p, without: 310 })) };
    const s = { ...now, followed: expected(both) };
    expect(without(s)?.from).toBe(Date.parse(t("08:05")));
    expect(without(s)?.points.map((p) => p.p50)).toEqual([310, 310]);
    expect(likely(s)?.points[0]?.p50).toBe(120);
    expect(top(s)).toBe(420);
  });
  it.each([{ units: 0 }, { kind: "basal" as const }])(
    "has no other forecast for advice that changes nothing (%o)",
    (idle) => {
      expect(expected({ ...advice("a", "08:05", "08:15"), forecast: points, ...idle })).toBeNull();
    },
  );
  it("lines up readings and forecast by time", () => {
    const [x, past, next] = columns(scene(folded(event("forecast", ahead))));
    expect(x).toEqual(["07:55", "09:00", "10:00"].map((hm) => Date.parse(t(hm)) / 1000));
    expect(past).toEqual([143, null, null]);
    expect(next).toEqual([null, 120, 120]);
  });
  it("makes room for what was measured, not for what is merely possible", () => {
    expect(top(scene(folded(event("forecast", ahead))))).toBe(300);
    expect(top(scene(folded(event("glucose", { time: t("08:00"), mgdl: 301 }))))).toBe(420);
  });
  it.each([300, 420])("keeps meals and doses below 40 mg/dL (top %d)", (upper) => {
    const { floor, meals, doses } = lanes(upper);
    expect(floor < doses && doses < meals && meals < 40).toBe(true);
  });
});
