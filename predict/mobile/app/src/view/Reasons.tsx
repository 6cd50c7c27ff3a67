import { amount, gateName, tellsGlucose, type Unit } from "../format";
import { inUnit } from "../sentence";
import type { Gate, Recommendation } from "../wire";
import { GateIcon } from "./icons";

// Reasons are the parts of a dose and every safety check, folded away until asked.
export function Reasons({ advice, unit }: { advice: Recommendation; unit: Unit }) {
  const gates = advice.gates ?? [];
  const foreign = gates.some((g) => inUnit(g.note, unit) === null && tellsGlucose(g.note));
  return (
    <>
      <Parts advice={advice} />
      {gates.length > 0 && (
        <details class="gates">
          <summary>{tally(gates)}</summary>
          {foreign && <p class="muted small">Some of the glucose in these reasons is in mg/dL.</p>}
          <ul>
            {[...gates]
              .sort((a, b) => rank(a) - rank(b))
              .map((g) => (
                <li key={g.id}>
                  <GateIcon outcome={g.outcome} />
                  <span>
                    <b>{gateName(g.id)}</b>
                    <span class="hidden"> ({g.outcome})</span>
                    <span class="muted">{inUnit(g.note, unit) ?? g.note}</span>
                  </span>
                </li>
              ))}
          </ul>
          <p class="muted small">Model {advice.model || "none"}</p>
        </details>
      )}
    </>
  );
}

const rank = (g: Gate) => ({ block: 0, reduce: 1, pass: 2 })[g.outcome] ?? 3;

function tally(gates: Gate[]): string {
  const count = (outcome: string) => gates.filter((g) => g.outcome === outcome).length;
  const parts = [`${count("pass")} of ${gates.length} safety checks passed`];
  if (count("reduce") > 0) parts.push(`${count("reduce")} reduced the dose`);
  if (count("block") > 0) parts.push(`${count("block")} blocked it`);
  return parts.join(", ");
}

// Parts are what a dose is made of. Where none is advised there are none: units in bold on a
// card that says "No dose" would be read as one.
function Parts({ advice }: { advice: Recommendation }) {
  const c = advice.components;
  if (!c || advice.units === 0 || (c.meal_u === 0 && c.correction_u === 0 && c.iob_u === 0)) return null;
  return (
    <dl class="parts">
      <Part name="Meal" value={`${amount(c.meal_u)} U`} />
      <Part name="Correction" value={`${amount(c.correction_u)} U`} />
      <Part name="Active insulin" value={`${amount(c.iob_u)} U`} />
      <Part name="Model" value={c.model_factor > 0 ? `×${amount(c.model_factor)}` : "–"} />
    </dl>
  );
}

function Part(props: { name: string; value: string }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
