import { clock, countdown, label, outcome, title, type Unit } from "../format";
import { carbsOf, current, type News, type Person } from "../state";
import type { Advice } from "../wire";
import { zoneOf } from "./hooks";
import { Reasons } from "./Reasons";
import { Respond } from "./Respond";

// Advice that no longer holds stays on the card for this long, so that it doesn't
// vanish under the reader's eyes.
const lingers = 30 * 60_000;

interface Props {
  token: string;
  unit: Unit;
  person: Person | null;
  now: number;
  dispatch: (n: News) => void;
}

export function Card(props: Props) {
  const { person, now } = props;
  const last = person?.advices[person.advices.length - 1];
  if (!person || !last || now - Date.parse(last.expires) > lingers) return <NoAdvice loading={!person} />;
  const held = current(person, now);
  const state = held ? "current" : last.state === "current" ? "expired" : last.state;
  return (
    <section class={`card advice ${last.kind} ${state} ${last.alert ? "danger" : ""}`} aria-label="Advice">
      <div class="card-head">
        <span class="pill">{label(last)}</span>
        <Validity advice={last} state={state} now={now} zone={zoneOf(person)} />
      </div>
      <h2 data-testid="advice">{title(last, carbsOf(person, last))}</h2>
      <p class="because">{last.because}</p>
      {held ? (
        <Respond key={last.id} {...props} person={person} advice={held} />
      ) : (
        <p class="settled" data-testid="settled">
          {outcome({ ...last, state })}
        </p>
      )}
      <Reasons advice={last} unit={props.unit} />
    </section>
  );
}

function Validity(props: { advice: Advice; state: Advice["state"]; now: number; zone: string }) {
  const at = Date.parse(props.advice.time);
  const until = Date.parse(props.advice.expires);
  if (props.state !== "current") return <span class="muted small">{clock(at, props.zone)}</span>;
  const left = Math.max(0, (until - props.now) / (until - at));
  return (
    <span class="validity">
      <span class="small">valid {countdown(until, props.now)}</span>
      <progress value={left} max={1} aria-hidden="true" />
    </span>
  );
}

function NoAdvice({ loading }: { loading: boolean }) {
  return (
    <section class="card advice none" aria-label="Advice" aria-busy={loading}>
      <div class="card-head">
        <span class="pill">Advice</span>
      </div>
      <h2>{loading ? "Loading…" : "No advice now"}</h2>
      <p class="because muted">
        {loading ? " " : "Advice appears here when a meal is logged, or when glucose needs attention."}
      </p>
    </section>
  );
}
