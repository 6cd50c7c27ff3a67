import { tellsGlucose, type Unit } from "../format";
import { inUnit, outline, pieces } from "../sentence";
import type { Recommendation } from "../wire";

// Because is why, in the reader's unit: a sentence, and where it is long its numbers in a list
// below. Of a sentence that can't be said in mmol/L the reader is told that it is in mg/dL.
export function Because({ advice, unit }: { advice: Recommendation; unit: Unit }) {
  const text = advice.because;
  const said = inUnit(text, unit);
  const { lead, list } = pieces(said ?? text, outline(advice));
  return (
    <div class="because">
      <p>{lead}</p>
      {list.length > 0 && (
        <ul>
          {list.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ul>
      )}
      {said === null && tellsGlucose(text) && (
        <p class="muted small">Glucose in this sentence is in mg/dL.</p>
      )}
    </div>
  );
}
