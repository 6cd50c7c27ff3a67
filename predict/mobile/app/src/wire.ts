// What the server says: see /openapi.json. Times are RFC 3339, glucose is mg/dL.

export type Trend =
  | "doubleUp"
  | "singleUp"
  | "fortyFiveUp"
  | "flat"
  | "fortyFiveDown"
  | "singleDown"
  | "doubleDown";

export interface Reading {
  time: string;
  mgdl: number;
  trend?: string;
  special?: "low" | "high";
}

export interface EventRef {
  partition: number;
  offset: number;
}

export interface Meal {
  time: string;
  carbs_g: number;
  size?: string;
  meal?: string;
  event: EventRef;
}

export interface Dose {
  time: string;
  units: number;
  kind: string;
  reason?: string;
}

export interface ForecastPoint {
  minutes: number;
  p05: number;
  p50: number;
  p95: number;
  without?: number; // the median if the advice isn't followed
}

export interface Forecast {
  from: string;
  now: string;
  points: ForecastPoint[];
}

export interface Gate {
  id: string;
  outcome: "pass" | "reduce" | "block";
  note: string;
}

export interface Components {
  meal_u: number;
  correction_u: number;
  iob_u: number;
  model_factor: number;
  log_share?: number; // of a warning: what insulin and carbs on board counted for in it
}

export type Kind = "bolus" | "correction" | "carbs" | "basal" | "check" | "hold";

export interface Recommendation {
  id: string;
  patient: string;
  time: string;
  expires: string;
  kind: Kind;
  units: number;
  carbs_g: number;
  because: string;
  components: Components;
  gates: Gate[] | null;
  forecast: ForecastPoint[] | null;
  model: string;
  event: EventRef;
  alert?: Danger;
  asks?: string; // the id of earlier advice: was that taken?
}

// Danger is what an alert is about.
export type Danger =
  | "urgent_low"
  | "low"
  | "urgent_low_soon"
  | "predicted_low"
  | "high"
  | "missed_bolus"
  | "no_data"
  | "sensor_suspect"
  | "long_acting_twice"
  | "long_acting_late";

export type Action = "accepted" | "changed" | "declined";

export interface Answer {
  time: string;
  action: Action;
  units?: number;
  carbs_g?: number;
}

export interface Advice extends Recommendation {
  state: "current" | "superseded" | "expired" | "answered" | "withdrawn";
  answer?: Answer;
  latency_ms?: number;
}

export interface Alert {
  code: "urgent_low" | "low" | "high" | "clear";
  level: "critical" | "warning" | "info";
  note: string;
  since: string;
}

export interface Latency {
  count: number;
  last_ms: number;
  p50_ms: number;
  p99_ms: number;
}

export interface Summary {
  id: string;
  last: Reading | null;
  advice: Advice | null;
  alert: Alert | null;
  stopped?: string;
  now: string;
  timezone: string;
  simulated: boolean;
  speed: number;
}

export interface Hello extends Summary {
  patient: string;
  glucose: Reading[];
  meals: Meal[];
  insulin: Dose[];
  forecast: Forecast;
  recommendations: Advice[];
  latency: Latency;
}

export interface Beat {
  now: string;
  latency: Latency;
}
