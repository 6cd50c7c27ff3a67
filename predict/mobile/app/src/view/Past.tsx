import { clock, day, label, outcome, title, type Unit } from "../format";
import { inUnit } from "../sentence";
import { carbsOf, onCard, type Person } from "../state";
import type { Advice } from "../wire";
import { Because } from "./Because";
import { zoneOf } from "./hooks";
import { Reasons } from "./Reasons";

const atOnce = 12; // entries; the rest on demand would only make the page long

// Past is the advice so far, newest first, refusals with their reasons included.
export function Past({ person, now, unit }: { person: Person | null; now: number; unit: Unit }) {
  if (!person) return null;
  const shown = onCard(person, now);
  const list = person.advices
    .filter((a) => a.id !== shown?.id)
    .toReversed()
    .slice(0, atOnce);
  return (
    <section class="card past" aria-label="Earlier advice">
      <h2>Earlier advice</h2>
      {list.length === 0 && <p class="muted">None yet.</p>}
      <ul>
        {list.map((a) => (
          <li key={a.id}>
            <details>
              <summary>
                <When time={a.time} now={now} zone={zoneOf(person)} />
                <span class="what">
                  <b>{title(a, carbsOf(person, a))}</b>
                  <span class="muted">
                    {a.alert || (a.kind !== "hold" && a.kind !== "check")
                      ? label(a)
                      : (inUnit(a.because, unit) ?? a.because)}
                  </span>
                </span>
                <span class="muted small">{outcome(settled(a))}</span>
              </summary>
              <Because advice={a} unit={unit} />
              <Reasons advice={a} unit={unit} />
            </details>
          </li>
        ))}
      </ul>
    </section>
  );
}

function When({ time, now, zone }: { time: string; now: number; zone: string }) {
  const ms = Date.parse(time);
  const on = day(ms, now, zone);
  return (
    <time dateTime={time}>
      {on && <span class="day">{on} </span>}
      {clock(ms, zone)}
    </time>
  );
}

// settled calls advice expired that ran out while the page was open.
const settled = (a: Advice): Advice => (a.state === "current" ? { ...a, state: "expired" } : a);
