import { useState } from "preact/hooks";
import { metered, reading } from "../answer";
import { number, type Unit } from "../format";

interface Props {
  name: string; // of the field, one of its kind on the page
  patient: string;
  unit: Unit;
  now: number;
  busy: boolean;
  save: (measured: object) => void;
}

// Measure takes what the reader's meter shows. It goes into the log like any reading, and
// what is advised next knows it.
export function Measure(props: Props) {
  const [text, setText] = useState("");
  const { least, most } = metered[props.unit];
  const n = number(text);
  const wrong = text !== "" && !(n >= least && n <= most);
  return (
    <form
      class="change"
      onSubmit={(e) => {
        e.preventDefault();
        if (n >= least && n <= most)
          props.save(reading(props.patient, n, props.unit, props.now, crypto.randomUUID()));
      }}
    >
      <label for={props.name}>My meter shows</label>
      <div class="ask">
        <div class="field">
          <input
            id={props.name}
            inputMode="decimal"
            autocomplete="off"
            value={text}
            onInput={(e) => setText(e.currentTarget.value)}
            aria-invalid={wrong}
            aria-describedby={`${props.name}-error`}
          />
          <span>{props.unit}</span>
        </div>
        <button type="submit" class="primary" disabled={props.busy || text === "" || wrong}>
          Save
        </button>
      </div>
      <p id={`${props.name}-error`} class="error">
        {wrong ? `Enter what the meter shows, from ${least} to ${most} ${props.unit}.` : ""}
      </p>
    </form>
  );
}
