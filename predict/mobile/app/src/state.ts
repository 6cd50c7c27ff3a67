// What is known of the person on the screen, folded from the stream. Pure.

import type {
  Action,
  Advice,
  Alert,
  Beat,
  Dose,
  Forecast,
  ForecastPoint,
  Hello,
  Latency,
  Meal,
  Reading,
} from "./wire";

export interface Clock {
  at: number; // patient's time, ms
  wall: number; // our time then, ms
  speed: number;
}

export interface Person {
  id: string;
  zone: string;
  simulated: boolean;
  clock: Clock;
  glucose: Reading[];
  meals: Meal[];
  insulin: Dose[];
  forecast: Forecast | null;
  advices: Advice[]; // oldest first
  alert: Alert | null;
  stopped: string; // why nothing may be advised; empty: it may
  latency: Latency;
}

export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "reconnecting"; attempt: number }
  | { kind: "gone"; why: string };

export interface State {
  person: Person | null;
  connection: Connection;
}

export type News =
  | { type: "select" }
  | { type: "connection"; connection: Connection }
  | { type: "event"; event: string; data: unknown; wall: number }
  | { type: "answered"; id: string; action: Action; units?: number; carbs_g?: number; time: string };

export const initial: State = { person: null, connection: { kind: "connecting" } };

// nowOf is the patient's time at our time wall: virtual people live faster.
export function nowOf(clock: Clock, wall: number): number {
  return clock.at + (wall - clock.wall) * clock.speed;
}

export function reduce(state: State, news: News): State {
  switch (news.type) {
    case "select":
      return initial;
    case "connection":
      return { ...state, connection: news.connection };
    case "answered":
      return withPerson(state, (p) => answer(p, news));
    case "event":
      if (news.event === "hello") return { ...state, person: fromHello(news.data as Hello, news.wall) };
      return withPerson(state, (p) => fold(p, news.event, news.data, news.wall));
  }
}

function withPerson(state: State, change: (p: Person) => Person): State {
  return state.person ? { ...state, person: change(state.person) } : state;
}

function fromHello(h: Hello, wall: number): Person {
  return {
    id: h.id,
    zone: h.timezone || "UTC",
    simulated: h.simulated,
    clock: { at: Date.parse(h.now), wall, speed: h.speed || 1 },
    glucose: h.glucose,
    meals: h.meals,
    insulin: h.insulin,
    forecast: h.forecast.points.length > 0 ? h.forecast : null,
    advices: h.recommendations,
    alert: h.alert,
    stopped: h.stopped ?? "",
    latency: h.latency,
  };
}

function fold(p: Person, event: string, data: unknown, wall: number): Person {
  switch (event) {
    case "glucose":
      return { ...p, glucose: insert(p.glucose, data as Reading) };
    case "meal":
      return { ...p, meals: insert(p.meals, data as Meal) };
    case "insulin":
      return { ...p, insulin: insert(p.insulin, data as Dose) };
    case "forecast": {
      const f = data as Forecast;
      return { ...p, forecast: f.points.length > 0 ? f : null, clock: tick(p.clock, f.now, wall) };
    }
    case "recommendation":
      return { ...p, advices: arrived(p.advices, data as Advice), latency: timed(p.latency, data as Advice) };
    case "response":
      return { ...p, advices: replace(p.advices, data as Advice) };
    case "alert": {
      const a = data as Alert;
      return { ...p, alert: a.code === "clear" ? null : a };
    }
    case "stop":
      return stop(p, (data as { reason: string }).reason);
    case "beat": {
      const b = data as Beat;
      return { ...p, latency: b.latency, clock: tick(p.clock, b.now, wall) };
    }
  }
  return p;
}

// stop withdraws what asks for insulin or carbs, as the server does.
function stop(p: Person, reason: string): Person {
  if (!reason) return { ...p, stopped: "" };
  const withdraw = (a: Advice): Advice =>
    a.state === "current" && (a.units > 0 || a.carbs_g > 0) ? { ...a, state: "withdrawn" } : a;
  return { ...p, stopped: reason, advices: p.advices.map(withdraw) };
}

function tick(clock: Clock, now: string, wall: number): Clock {
  return { ...clock, at: Date.parse(now), wall };
}

const kept = 24 * 3_600_000;

// insert keeps points in order of time; a point that is there already (a resumed
// stream may repeat one) stays once.
export function insert<P extends { time: string }>(points: P[], p: P): P[] {
  const t = Date.parse(p.time);
  const at = points.findLastIndex((q) => Date.parse(q.time) <= t) + 1;
  const before = points[at - 1];
  if (before && JSON.stringify(before) === JSON.stringify(p)) return points;
  const next = [...points.slice(0, at), p, ...points.slice(at)];
  const newest = Date.parse((next[next.length - 1] as P).time);
  return next.filter((q) => Date.parse(q.time) >= newest - kept);
}

// arrived adds advice: what was current before is now replaced.
function arrived(list: Advice[], a: Advice): Advice[] {
  if (list.some((b) => b.id === a.id)) return replace(list, a);
  const older = list.map((b): Advice => (b.state === "current" ? { ...b, state: "superseded" } : b));
  return [...older, a].slice(-50);
}

function replace(list: Advice[], a: Advice): Advice[] {
  return list.map((b) => (b.id === a.id ? { ...b, ...a } : b));
}

// timed counts a measured advice. The quantiles come with the next beat; until the
// first of them, one measurement is all that is known.
function timed(l: Latency, a: Advice): Latency {
  const ms = a.latency_ms;
  if (!ms) return l;
  const first = l.count === 0 ? { p50_ms: ms, p99_ms: ms } : {};
  return { ...l, ...first, count: l.count + 1, last_ms: ms };
}

function answer(p: Person, n: Extract<News, { type: "answered" }>): Person {
  const { id, type: _, ...rest } = n;
  return {
    ...p,
    advices: p.advices.map((a) => (a.id === id ? { ...a, state: "answered", answer: rest } : a)),
  };
}

// current is the advice that holds at now, or undefined. The page decides by the
// patient's clock itself: it must not show stale advice while the line is down.
export function current(p: Person, now: number): Advice | undefined {
  const last = p.advices[p.advices.length - 1];
  return last && last.state === "current" && Date.parse(last.expires) > now ? last : undefined;
}

// Advice that no longer holds stays on the card for this long, so that it doesn't
// vanish under the reader's eyes.
const lingers = 30 * 60_000;

// onCard is the advice that the card shows at now, with what it is worth then.
export function onCard(p: Person, now: number): Advice | undefined {
  const last = p.advices[p.advices.length - 1];
  if (!last || now - Date.parse(last.expires) > lingers) return undefined;
  return last.state === "current" && !current(p, now) ? { ...last, state: "expired" } : last;
}

// Fast carbs need this long to show; until then more of them would only overshoot.
const carbsWork = 15 * 60_000;

// eaten is the last meal whose carbs may not show yet, or undefined.
export function eaten(p: Person, now: number): Meal | undefined {
  return p.meals.findLast((m) => {
    const ago = now - Date.parse(m.time);
    return m.carbs_g > 0 && ago >= 0 && ago < carbsWork;
  });
}

// carbsOf is what the meal that caused a had, where the meal is known.
export function carbsOf(p: Person, a: Advice): number | undefined {
  const meal = p.meals.find(
    (m) => m.event.partition === a.event.partition && m.event.offset === a.event.offset,
  );
  return meal?.carbs_g || undefined;
}

// expected is the forecast if a is followed, or null where a changes nothing: no forecast
// reaches as far as another dose of basal insulin a day.
export function expected(a: Advice | undefined): { from: number; points: ForecastPoint[] } | null {
  if (!a || a.kind === "basal" || (a.units === 0 && a.carbs_g === 0) || !a.forecast?.length) return null;
  return { from: Date.parse(a.time), points: a.forecast };
}
