// What the picture shows, and where. Pure.

import type uPlot from "uplot";
import type { Unit } from "./format";
import type { Person } from "./state";
import type { ForecastPoint } from "./wire";

type Point = [x: number, y: number];

const hour = 3_600_000;
export const behind = 6 * hour;
export const ahead = 4 * hour;

// No glucose is below 40 mg/dL: under that a strip holds meals, and doses below them.
export const least = 40;

// lanes are where the strip's labels stand on the scale that ends at top.
export function lanes(top: number): { floor: number; meals: number; doses: number } {
  const strip = (top - least) * 0.25;
  return { floor: least - strip, meals: least - strip * 0.25, doses: least - strip * 0.8 };
}

export interface Scene {
  person: Person;
  now: number;
  unit: Unit;
  followed: Ahead | null; // if the current advice is followed
  dose: string; // that advice's amount, such as 3.5 U
}

export interface Ahead {
  from: number; // ms
  points: ForecastPoint[];
}

// likely is the forecast that the fan shows: while there is advice, the one that it
// was chosen by.
export function likely(scene: Scene): Ahead | null {
  return scene.followed ?? without(scene);
}

// without is the forecast if nothing is done. While there is advice it is the one that was
// made with it: of a meal that has been logged since, a forecast says less.
export function without({ person, followed }: Scene): Ahead | null {
  if (followed?.points.every((p) => p.without !== undefined)) {
    return { ...followed, points: followed.points.map((p) => ({ ...p, p50: p.without ?? p.p50 })) };
  }
  return person.forecast && { from: Date.parse(person.forecast.from), points: person.forecast.points };
}

// top is the glucose at the upper edge: 300 unless something is higher. What is
// merely possible doesn't count: it would flatten what is likely.
export function top(scene: Scene): number {
  const highest = Math.max(
    0,
    ...scene.person.glucose.map((r) => r.mgdl),
    ...[likely(scene), without(scene)].flatMap((a) => a?.points.map((p) => p.p50) ?? []),
  );
  return highest > 290 ? 420 : 300;
}

// columns are the data that the cursor snaps to, in seconds and mg/dL.
export function columns(scene: Scene): uPlot.AlignedData {
  const past = scene.person.glucose.map((r): Point => [Date.parse(r.time) / 1000, r.mgdl]);
  const lastX = past[past.length - 1]?.[0] ?? 0;
  const fan = likely(scene);
  const next = (fan?.points ?? [])
    .map((p): Point => [(fan?.from ?? 0) / 1000 + p.minutes * 60, p.p50])
    .filter(([x]) => x > lastX);
  return [
    [...past, ...next].map(([x]) => x),
    [...past.map(([, y]) => y), ...next.map(() => null)],
    [...past.map(() => null), ...next.map(([, y]) => y)],
  ];
}
