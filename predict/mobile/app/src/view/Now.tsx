import { age, amount, band, glucose, staleMinutes, trendWords, type Unit } from "../format";
import { eaten, type Person } from "../state";
import { Arrow } from "./icons";

// Now is the current glucose, large. Its lines are always there, so that nothing
// below moves when an alert comes or goes.
export function Now(props: { person: Person | null; now: number; unit: Unit; lost: boolean }) {
  const { person, now, unit } = props;
  const last = person?.glucose[person.glucose.length - 1];
  if (!last)
    return (
      <section class="now" aria-busy={person === null}>
        <p class="big absent">–––</p>
        <p class="status">{person ? "No reading yet" : " "}</p>
      </section>
    );
  const at = Date.parse(last.time);
  const stale = now - at > staleMinutes * 60_000;
  const other: Unit = unit === "mg/dL" ? "mmol/L" : "mg/dL";
  return (
    <section class={`now ${stale ? "stale" : band(last.mgdl)}`} aria-label="Current glucose">
      <p class="big">
        <span class="value" data-testid="glucose">
          {glucose(last.mgdl, unit)}
        </span>
        {!stale && <Arrow trend={last.trend} size={44} />}
        <span class="unit">
          <span>{unit}</span>
          <span class="muted">
            {glucose(last.mgdl, other)} {other}
          </span>
        </span>
      </p>
      <p class="status" role={person?.alert?.level === "critical" ? "alert" : "status"}>
        {stale ? silence(props.lost) : (note(person, now) ?? words(last.mgdl, last.special))}
      </p>
      <p class="muted">
        {trendWords(last.trend)} · {age(at, now)}
      </p>
    </section>
  );
}

// silence says whose it is: a page without its server knows nothing of the sensor.
function silence(lost: boolean): string {
  return lost
    ? "This page has lost its connection. Look at your sensor or meter before you dose."
    : "No signal. Check your sensor before you dose.";
}

// note is what the alert says. Whoever has just eaten against a low is not told to do it
// again while the carbs can't show yet; a very low glucose stays as loud as it is.
function note(person: Person, now: number): string | undefined {
  const meal = person.alert?.code === "low" && eaten(person, now);
  if (!meal) return person.alert?.note;
  return `Low. ${amount(meal.carbs_g)} g eaten ${age(Date.parse(meal.time), now)}: check again soon.`;
}

function words(mgdl: number, special: string | undefined): string {
  if (special) return special === "low" ? "Below the sensor's range" : "Above the sensor's range";
  return { urgent: "Very low", low: "Low", in: "In range", high: "Above range" }[band(mgdl)];
}
