import { label, milliseconds, title, type Unit } from "../format";
import { carbsOf, current, type News, type Person } from "../state";
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
      {connection.kind === "gone" && !person ? (
        <div class="card empty" role="alert">
          <h2>Nobody is called {props.id}</h2>
          <p class="muted">No events of this person were seen yet. Choose somebody else from the list.</p>
        </div>
      ) : (
        <Sections {...props} person={person} dispatch={dispatch} lost={connection.kind === "reconnecting"} />
      )}
    </>
  );
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

interface SectionsProps extends PersonProps {
  person: Person | null;
  dispatch: (n: News) => void;
  lost: boolean; // the connection is
}

function Sections(props: SectionsProps) {
  const { person, dispatch } = props;
  const now = useNow(person?.clock);
  const advice = person ? current(person, now) : undefined;
  return (
    <>
      <p class="hidden" aria-live="polite">
        {/* By its id: the same words of another advice are news, and are said again. */}
        {advice && person && (
          <span key={advice.id}>
            New advice: {label(advice)}. {title(advice, carbsOf(person, advice))}
          </span>
        )}
      </p>
      {person?.stopped && (
        <div class="card stopped" role="alert" data-testid="stopped">
          <h2>All advice is stopped</h2>
          <p class="why">{person.stopped.replace(/[.!?\s]+$/, "")}. Dose as you were taught.</p>
        </div>
      )}
      <Now person={person} now={now} unit={props.unit} lost={props.lost} />
      <Chart person={person} now={now} unit={props.unit} advice={advice} />
      <div class="columns">
        <Card token={props.token} unit={props.unit} person={person} now={now} dispatch={dispatch} />
        <WhatIf token={props.token} unit={props.unit} id={props.id} now={now} ready={person !== null} />
      </div>
      <Past person={person} now={now} unit={props.unit} />
      {person && person.latency.count > 0 && (
        <p class="latency">
          event → advice {milliseconds(person.latency.last_ms)}, p99 {milliseconds(person.latency.p99_ms)}
        </p>
      )}
    </>
  );
}
