// The wire events that the page sends. Pure: time and id are arguments.

import type { Unit } from "./format";
import type { Action, Advice, Danger } from "./wire";

export interface Response {
  type: "response";
  id: string;
  patient: string;
  time: string;
  recommendation: string;
  action: Action;
  units?: number;
  carbs_g?: number;
  reason?: string;
  device: string;
}

// response says what was done about a, or, if a asks that of earlier advice, about the latter.
// amount is in the advice's own unit: grams for carbs, units of insulin for the kinds that
// dose and for a question, which is about those; others have none.
export function response(a: Advice, action: Action, amount: number | undefined, now: number): Response {
  const r: Response = {
    type: "response",
    id: `${a.id}:${action}`,
    patient: a.patient,
    time: new Date(now).toISOString(),
    recommendation: a.asks || a.id,
    action,
    device: "titrate-app",
  };
  if (action === "declined" || amount === undefined) return r;
  if (a.kind === "carbs") return { ...r, carbs_g: amount };
  return doses(a) || a.asks ? { ...r, units: amount } : r;
}

export function doses(a: Pick<Advice, "kind">): boolean {
  return a.kind === "bolus" || a.kind === "correction" || a.kind === "basal";
}

// advised is how much a advises, in its own unit; of a question how much is asked about, if
// that is among all.
export function advised(a: Advice, all: Advice[] = []): number | undefined {
  const about = a.asks ? all.find((b) => b.id === a.asks) : a;
  if (about?.kind === "carbs") return about.carbs_g;
  return about && doses(about) ? about.units : undefined;
}

// What a check is about that no meter answers.
const unmeasured: Danger[] = ["missed_bolus", "long_acting_twice", "long_acting_late"];

// measures is whether a asks for what a meter shows.
export function measures(a: Pick<Advice, "kind" | "asks" | "alert">): boolean {
  return a.kind === "check" && !a.asks && !(a.alert && unmeasured.includes(a.alert));
}

// What meters show.
export const metered: Record<Unit, { least: number; most: number }> = {
  "mg/dL": { least: 10, most: 600 },
  "mmol/L": { least: 0.6, most: 33.3 },
};

export function reading(patient: string, value: number, unit: Unit, now: number, id: string) {
  return {
    type: "glucose",
    id,
    patient,
    time: new Date(now).toISOString(),
    value,
    unit,
    source: "fingerstick",
    device: "titrate-app",
  };
}

export function meal(patient: string, carbs: number, now: number, id: string) {
  return {
    type: "meal",
    id,
    patient,
    time: new Date(now).toISOString(),
    carbs_g: carbs,
    device: "titrate-app",
  };
}
