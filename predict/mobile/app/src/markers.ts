// Meals and doses as marks below the curve. Pure.

import type { Dose, Meal } from "./wire";

export interface Mark {
  t: number; // ms
  amount: number;
  size?: string; // a meal logged without grams
}

// cluster joins marks that are nearer than gap to the first of their cluster, so
// that their labels don't overlap; amounts add up.
export function cluster(marks: Mark[], gap: number): Mark[] {
  const out: Mark[] = [];
  for (const m of [...marks].sort((a, b) => a.t - b.t)) {
    const last = out[out.length - 1];
    if (last && m.t - last.t < gap) last.amount += m.amount;
    else out.push({ ...m });
  }
  return out;
}

export function mealMarks(meals: Meal[]): Mark[] {
  return meals.map((m) => ({
    t: Date.parse(m.time),
    amount: m.carbs_g,
    ...(m.carbs_g > 0 ? {} : { size: m.size ?? "meal" }),
  }));
}

// doseMarks leaves out what a pump trickles as basal: it would bury the doses.
export function doseMarks(doses: Dose[]): Mark[] {
  return doses
    .filter((d) => d.reason !== "basal" || d.units >= 2)
    .map((d) => ({ t: Date.parse(d.time), amount: d.units }));
}
