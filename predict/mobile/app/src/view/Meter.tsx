import { useState } from "preact/hooks";
import { send } from "../api";
import type { Unit } from "../format";
import { Measure } from "./Measure";

interface Props {
  token: string;
  unit: Unit;
  id: string;
  now: number;
}

// Meter logs what a meter shows, whenever the reader measures.
export function Meter(props: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [logged, setLogged] = useState(0); // how many: the field is empty again after each

  const save = async (measured: object) => {
    setBusy(true);
    setError("");
    try {
      await send(props.token, measured);
      setLogged(logged + 1);
    } catch (err) {
      setError(`The reading was not saved: ${err instanceof Error ? err.message : err} Please try again.`);
    }
    setBusy(false);
  };

  return (
    <details class="meter">
      <summary>Log a meter reading</summary>
      <Measure
        key={logged}
        name="meter"
        patient={props.id}
        unit={props.unit}
        now={props.now}
        busy={busy}
        save={save}
      />
      <p class={error ? "error" : "muted small"} role={error ? "alert" : "status"} data-testid="meter-note">
        {error || (logged > 0 ? "Logged." : "")}
      </p>
    </details>
  );
}
