// Calls to the server that served this page; there are no others.

import { type Frame, Parser } from "./sse";
import type { Recommendation, Summary } from "./wire";

// Refused is an answer that is not 2xx; its message is the server's.
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function call(token: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Authorization", `Bearer ${token}`);
  const response = await fetch(path, { ...init, headers, cache: "no-store", credentials: "omit" });
  if (!response.ok) throw new Refused(response.status, await reason(response));
  return response;
}

async function reason(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { error?: string };
    return body.error ?? `The server answered ${response.status}.`;
  } catch {
    return `The server answered ${response.status}.`;
  }
}

const patientPath = (id: string, what: string) => `/v1/patients/${encodeURIComponent(id)}/${what}`;

export async function patients(token: string): Promise<Summary[]> {
  const body = await (await call(token, "/v1/patients")).json();
  return (body as { patients: Summary[] }).patients;
}

export async function advice(token: string, patient: string, carbs: number): Promise<Recommendation> {
  const response = await call(token, patientPath(patient, "advice"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ carbs_g: carbs }),
  });
  return (await response.json()) as Recommendation;
}

// send posts wire events; each brings an id, so that a retry is recognised.
export async function send(token: string, ...events: object[]): Promise<void> {
  await call(token, "/v1/events", {
    method: "POST",
    headers: { "Content-Type": "application/x-ndjson" },
    body: events.map((e) => `${JSON.stringify(e)}\n`).join(""),
  });
}

// stream reads frames until the server ends it or signal aborts.
export async function stream(
  token: string,
  patient: string,
  last: string,
  signal: AbortSignal,
  onFrame: (f: Frame) => void,
): Promise<void> {
  const headers: Record<string, string> = last ? { "Last-Event-ID": last } : {};
  const response = await call(token, patientPath(patient, "stream"), { headers, signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new Parser();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const f of parser.push(value)) onFrame(f);
  }
}
