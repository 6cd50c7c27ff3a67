// Numbers and times as a person reads them. Everything here is pure.

import type { Advice, Danger, Kind, Recommendation } from "./wire";

export type Unit = "mg/dL" | "mmol/L";

// 1 mmol/L of glucose in mg/dL (molar mass 180.1559 g/mol), as on the server.
export const mgdlPerMmol = 18.01559;

// The consensus range, in mg/dL.
export const range = { low: 70, high: 180, urgent: 55, veryHigh: 250 };

// A sensor that is silent for longer than this is not to be dosed by.
export const staleMinutes = 12;

export function inUnit(mgdl: number, unit: Unit): number {
  return unit === "mg/dL" ? mgdl : mgdl / mgdlPerMmol;
}

export function glucose(mgdl: number, unit: Unit): string {
  return unit === "mg/dL" ? Math.round(mgdl).toFixed(0) : inUnit(mgdl, unit).toFixed(1);
}

// levels are where a chart up to top has its lines, in mg/dL: the range, and numbers that are round
// in the reader's unit.
export function levels(top: number, unit: Unit): number[] {
  if (top <= 300) return [range.low, range.high, range.veryHigh];
  const above = unit === "mg/dL" ? [300, 400] : [15 * mgdlPerMmol, 20 * mgdlPerMmol];
  return [range.low, range.high, ...above];
}

// amount drops zeros that say nothing: 3.5, 4, 0.25.
export function amount(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export function band(mgdl: number): "urgent" | "low" | "in" | "high" {
  if (mgdl < range.urgent) return "urgent";
  if (mgdl < range.low) return "low";
  return mgdl > range.high ? "high" : "in";
}

const trends: Record<string, string> = {
  doubleUp: "rising fast",
  singleUp: "rising",
  fortyFiveUp: "rising slowly",
  flat: "steady",
  fortyFiveDown: "falling slowly",
  singleDown: "falling",
  doubleDown: "falling fast",
};

export function trendWords(trend: string | undefined): string {
  return trends[trend ?? ""] ?? "no trend";
}

export function age(fromMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - fromMs) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min ago` : `${Math.floor(hours / 24)} d ago`;
}

export function countdown(untilMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
  const pad = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  return `${minutes}:${pad(seconds % 60)}`;
}

export function clock(ms: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(ms);
}

// day is on which day ms was, if not today: by its name within a week, then by its date.
export function day(ms: number, now: number, zone: string): string {
  const as = (t: number, form: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { ...form, timeZone: zone }).format(t);
  const date = (t: number) => as(t, { dateStyle: "short" });
  if (date(ms) === date(now)) return "";
  return as(ms, now - ms < 6 * 24 * 3_600_000 ? { weekday: "short" } : { day: "numeric", month: "short" });
}

export function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

// number reads what people type, with a comma or a point: "4,5", ".5". Anything
// else is NaN: a misread decimal point is a tenfold dose.
export function number(text: string): number {
  const t = text.trim().replace(",", ".");
  return /^(\d+(\.\d*)?|\.\d+)$/.test(t) ? Number(t) : Number.NaN;
}

const kinds: Record<Kind, string> = {
  bolus: "Meal dose",
  correction: "Correction",
  carbs: "Carbs",
  basal: "Basal",
  check: "Check",
  hold: "No dose",
};

const dangers: Record<Danger, string> = {
  urgent_low: "Very low",
  low: "Low",
  urgent_low_soon: "Very low soon",
  predicted_low: "Low ahead",
  high: "High",
  missed_bolus: "Meal not logged?",
  no_data: "No readings",
  sensor_suspect: "Check the sensor",
  long_acting_twice: "Basal twice",
  long_acting_late: "Basal late?",
};

// label is what r is about: the danger, if it is about one.
export function label(r: Recommendation): string {
  return (r.alert && dangers[r.alert]) ?? kinds[r.kind] ?? r.kind;
}

// tellsGlucose is whether a sentence has a glucose in it, also one without its unit, as in
// (172 − 110) ÷ 45.
export function tellsGlucose(text: string): boolean {
  return /mg\/dL|glucose (has gone from )?\d|\(\d/i.test(text);
}

// doseOf is how much r advises, with its unit.
export function doseOf(r: Recommendation): string {
  return r.kind === "carbs" ? `${amount(r.carbs_g)} g` : `${amount(r.units)} U`;
}

// title is what to do, in a few words. carbs is what is eaten, where it is known.
export function title(r: Recommendation, carbs?: number): string {
  switch (r.kind) {
    case "bolus":
      return carbs ? `${amount(r.units)} U for ${amount(carbs)} g` : `${amount(r.units)} U`;
    case "correction":
      return `${amount(r.units)} U correction`;
    case "carbs":
      return `Eat ${amount(r.carbs_g)} g fast carbs`;
    case "basal":
      return `${amount(r.units)} U basal`;
    case "check":
      if (r.asks) return "Did you take it?";
      return carbs && !r.alert ? `Measure first, for ${amount(carbs)} g` : "Please check";
    case "hold":
      return carbs ? `No dose for ${amount(carbs)} g` : "No dose now";
  }
}

// gateName makes "predicted_low" readable.
export function gateName(id: string): string {
  const words = id.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const past = { accepted: "Accepted", changed: "Changed", declined: "Declined" };

export function outcome(a: Advice): string {
  if (a.answer) {
    const { action, units, carbs_g } = a.answer;
    const what =
      units !== undefined ? ` ${amount(units)} U` : carbs_g !== undefined ? ` ${amount(carbs_g)} g` : "";
    if (a.kind === "check" && !a.asks && action === "accepted") return "Done";
    if (a.asks) return action === "declined" ? "Not taken" : `Taken${what}`;
    return past[action] + (action === "declined" ? "" : what);
  }
  const words = {
    current: "Now",
    superseded: "Replaced",
    expired: "Expired",
    answered: "Answered",
    withdrawn: "Withdrawn: all advice is stopped",
  };
  return words[a.state];
}
