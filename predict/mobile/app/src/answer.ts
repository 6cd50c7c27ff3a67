// The wire events that the page sends. Pure: time and id are arguments.

import type { Action, Advice } from "./wire";

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

// response says what was done about a. amount is in the advice's own unit: grams
// for carbs, units of insulin for the kinds that dose; others have none.
export function response(a: Advice, action: Action, amount: number | undefined, now: number): Response {
  const r: Response = {
    type: "response",
    id: `${a.id}:${action}`,
    patient: a.patient,
    time: new Date(now).toISOString(),
    recommendation: a.id,
    action,
    device: "titrate-app",
  };
  if (action === "declined" || amount === undefined) return r;
  if (a.kind === "carbs") return { ...r, carbs_g: amount };
  return doses(a) ? { ...r, units: amount } : r;
}

export function doses(a: Pick<Advice, "kind">): boolean {
  return a.kind === "bolus" || a.kind === "correction" || a.kind === "basal";
}

// advised is how much a advises, in its own unit.
export function advised(a: Advice): number | undefined {
  if (a.kind === "carbs") return a.carbs_g;
  return doses(a) ? a.units : undefined;
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
