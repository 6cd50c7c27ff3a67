import { useEffect, useReducer, useState } from "preact/hooks";
import { follow } from "../follow";
import { prefer, preference } from "../session";
import type { News } from "../state";
import { type Clock, initial, nowOf, type Person, reduce, type State } from "../state";

// usePerson follows one person's stream for as long as it is shown.
export function usePerson(token: string, id: string, signedOut: () => void): [State, (n: News) => void] {
  const [state, dispatch] = useReducer<State, News>(reduce, initial);
  useEffect(() => {
    dispatch({ type: "select" });
    return follow(token, id, {
      event: (event, data) => dispatch({ type: "event", event, data, wall: Date.now() }),
      connection: (connection) => dispatch({ type: "connection", connection }),
      signedOut,
    });
  }, [token, id]);
  return [state, dispatch];
}

// useNow is the patient's time, told anew each second.
export function useNow(clock: Clock | undefined): number {
  const [wall, setWall] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setWall(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  // A message may be newer than the last tick; time never runs back for it.
  return clock ? nowOf(clock, Math.max(wall, clock.wall)) : wall;
}

export function usePreference<T extends string>(name: string, values: readonly T[]): [T, (v: T) => void] {
  const [value, set] = useState<T>(() => preference(name, values));
  return [
    value,
    (v) => {
      prefer(name, v);
      set(v);
    },
  ];
}

// zoneOf is the person's time zone, or UTC where the browser doesn't know it.
export function zoneOf(p: Person): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: p.zone });
    return p.zone;
  } catch {
    return "UTC";
  }
}
