// follow keeps a person's stream open: it comes back with a growing pause, resumes
// after the last message it saw, and distrusts a line that has fallen silent.

import { Refused, stream } from "./api";
import { backoff } from "./sse";
import type { Connection } from "./state";

// The server beats every 10 s; two missed beats mean that the line is dead.
const silence = 25_000;

export interface Listener {
  event(name: string, data: unknown): void;
  connection(c: Connection): void;
  signedOut(): void;
}

// follow returns the function that stops it.
export function follow(token: string, patient: string, listener: Listener): () => void {
  const stop = new AbortController();
  let wake: () => void = () => {};
  const onWake = () => wake();
  addEventListener("online", onWake);
  document.addEventListener("visibilitychange", onWake);
  run(token, patient, listener, stop.signal, (w) => {
    wake = w;
  });
  return () => {
    stop.abort();
    wake();
    removeEventListener("online", onWake);
    document.removeEventListener("visibilitychange", onWake);
  };
}

async function run(
  token: string,
  patient: string,
  listener: Listener,
  stopped: AbortSignal,
  onPause: (wake: () => void) => void,
): Promise<void> {
  let last = "";
  let attempt = 0;
  let gone: Connection | null = null; // the server doesn't know the person, at least not yet
  while (!stopped.aborted) {
    try {
      await once(token, patient, last, stopped, (id, event, data) => {
        if (id) last = id;
        if (attempt > 0 || event === "hello") listener.connection({ kind: "live" });
        attempt = 0;
        gone = null;
        listener.event(event, data);
      });
    } catch (err) {
      if (err instanceof Refused && err.status === 401) return listener.signedOut();
      gone = err instanceof Refused && err.status === 404 ? { kind: "gone", why: err.message } : null;
    }
    if (stopped.aborted) return;
    attempt++;
    listener.connection(gone ?? { kind: "reconnecting", attempt });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, backoff(attempt, Math.random()));
      onPause(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

async function once(
  token: string,
  patient: string,
  last: string,
  stopped: AbortSignal,
  onEvent: (id: string | undefined, event: string, data: unknown) => void,
): Promise<void> {
  const dead = new AbortController();
  let watchdog = setTimeout(() => dead.abort(), silence);
  try {
    await stream(token, patient, last, AbortSignal.any([stopped, dead.signal]), (f) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => dead.abort(), silence);
      onEvent(f.id, f.event, JSON.parse(f.data));
    });
  } finally {
    clearTimeout(watchdog);
  }
}
