import { tellsGlucose, type Unit } from "../format";
import { inUnit, pieces } from "../sentence";

// Because is why, in the reader's unit: a sentence, and where it is long its numbers in a list
// below. Of a sentence that can't be said in mmol/L the reader is told that it is in mg/dL.
export function Because({ text, unit }: { text: string; unit: Unit }) {
  const said = inUnit(text, unit);
  const { lead, list } = pieces(said ?? text);
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
