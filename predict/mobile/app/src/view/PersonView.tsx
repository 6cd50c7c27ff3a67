import { kindName, milliseconds, title, type Unit } from "../format";
import { carbsOf, current } from "../state";
import type { Advice } from "../wire";
import { Card } from "./Card";
import { Chart } from "./Chart";
import { useNow, usePerson } from "./hooks";
import { Chevron } from "./icons";
import { Now } from "./Now";
import { Past } from "./Past";
import { WhatIf } from "./WhatIf";

export interface PersonProps {
  token: string;
  id: string;
  unit: Unit;
  signOut: () => void;
  openList: () => void;
  others: number; // how many other people have advice that holds
}

export function PersonView(props: PersonProps) {
  const [state, dispatch] = usePerson(props.token, props.id, props.signOut);
  const { person, connection } = state;
  const now = useNow(person?.clock);
  const advice = person ? current(person, now) : undefined;
  return (
    <>
      <div class="picker">
        <button type="button" class="person" aria-haspopup="dialog" onClick={props.openList}>
          <span>{props.id}</span>
          <Chevron />
          {props.others > 0 && <span class="pill fresh">{props.others} with advice</span>}
        </button>
        <h1>{props.id}</h1>
        <Line state={connection} />
      </div>
      <p class="hidden" aria-live="polite">
        {advice && person
          ? `New advice: ${kindName(advice.kind)}. ${title(advice, carbsOf(person, advice))}`
          : ""}
      </p>
      <Now person={person} now={now} unit={props.unit} />
      <Chart person={person} now={now} unit={props.unit} advice={advice} />
      <div class="columns">
        <Card token={props.token} person={person} now={now} dispatch={dispatch} />
        <WhatIf token={props.token} id={props.id} now={now} ready={person !== null} />
      </div>
      <Past person={person} now={now} />
      {person && person.latency.count > 0 && (
        <p class="latency">
          event → advice {milliseconds(person.latency.last_ms)}, p99 {milliseconds(person.latency.p99_ms)}
        </p>
      )}
    </>
  );
}

// dosedForecast is what the advice expects if it is followed.
export function dosedForecast(a: Advice | undefined) {
  return a && (a.units > 0 || a.carbs_g > 0) ? (a.forecast ?? []) : [];
}

function Line({ state }: { state: ReturnType<typeof usePerson>[0]["connection"] }) {
  const words = {
    connecting: "Connecting…",
    live: "Live",
    reconnecting: "Reconnecting…",
    gone: "Not known here",
  }[state.kind];
  return (
    <span class={`line ${state.kind}`} role="status">
      {words}
    </span>
  );
}
