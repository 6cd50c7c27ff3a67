import { clock, countdown, label, outcome, title, type Unit } from "../format";
import { carbsOf, type News, onCard, type Person } from "../state";
import type { Advice } from "../wire";
import { Because } from "./Because";
import { zoneOf } from "./hooks";
import { Reasons } from "./Reasons";
import { Respond } from "./Respond";

interface Props {
  token: string;
  unit: Unit;
  person: Person | null;
  now: number;
  dispatch: (n: News) => void;
}

export function Card(props: Props) {
  const { person, now } = props;
  const advice = person && onCard(person, now);
  if (!person || !advice) return <NoAdvice loading={!person} stopped={Boolean(person?.stopped)} />;
  const held = advice.state === "current";
  return (
    <section
      class={`card advice ${advice.kind} ${advice.state} ${advice.alert ? "danger" : ""}`}
      aria-label="Advice"
    >
      <div class="card-head">
        <span class="pill">{label(advice)}</span>
        <Validity advice={advice} now={now} zone={zoneOf(person)} />
      </div>
      <h2 data-testid="advice">{title(advice, carbsOf(person, advice))}</h2>
      <Because advice={advice} unit={props.unit} />
      {held ? (
        <Respond key={advice.id} {...props} person={person} advice={advice} />
      ) : (
        <p class="settled" data-testid="settled">
          {outcome(advice)}
        </p>
      )}
      <Reasons advice={advice} unit={props.unit} />
    </section>
  );
}

function Validity(props: { advice: Advice; now: number; zone: string }) {
  const at = Date.parse(props.advice.time);
  const until = Date.parse(props.advice.expires);
  if (props.advice.state !== "current") return <span class="muted small">{clock(at, props.zone)}</span>;
  const left = Math.max(0, (until - props.now) / (until - at));
  return (
    <span class="validity">
      <span class="small">valid {countdown(until, props.now)}</span>
      <progress value={left} max={1} aria-hidden="true" />
    </span>
  );
}

function NoAdvice({ loading, stopped }: { loading: boolean; stopped: boolean }) {
  const when = stopped
    ? "All advice is stopped."
    : "Advice appears here when a meal is logged, or when glucose needs attention.";
  return (
    <section class="card advice none" aria-label="Advice" aria-busy={loading}>
      <div class="card-head">
        <span class="pill">Advice</span>
      </div>
      <h2>{loading ? "Loading…" : "No advice now"}</h2>
      <p class="because muted">{loading ? " " : when}</p>
    </section>
  );
}
