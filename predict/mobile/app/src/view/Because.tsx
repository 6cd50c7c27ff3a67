import { tellsGlucose, type Unit } from "../format";

// Because is the sentence of an advice, as it was recorded. Whoever reads mmol/L is told
// that its glucose is in mg/dL.
export function Because({ text, unit }: { text: string; unit: Unit }) {
  return (
    <>
      <p class="because">{text}</p>
      {unit !== "mg/dL" && tellsGlucose(text) && (
        <p class="muted small">Glucose in this sentence is in mg/dL.</p>
      )}
    </>
  );
}
