import { useState } from "preact/hooks";
import { advised, doses, measures, response } from "../answer";
import { send } from "../api";
import { amount as figure, number, type Unit } from "../format";
import type { News, Person } from "../state";
import type { Action, Advice } from "../wire";
import { Measure } from "./Measure";

const reasons = ["I am about to exercise", "The carbs are wrong", "I already dosed", "Another reason"];

// The most that can be entered: more is a slip of the finger. A day's basal insulin is more
// than a bolus ever is, and cleansing takes 100 U.
const most = { units: 25, basal: 100, grams: 250 };

interface Props {
  token: string;
  unit: Unit;
  person: Person;
  advice: Advice;
  now: number;
  dispatch: (n: News) => void;
}

export function Respond(props: Props) {
  const { advice } = props;
  const [asking, ask] = useState<"" | "change" | "decline">("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");

  const answer = async (action: Action, amount?: number, reason?: string, measured?: object) => {
    setBusy(true);
    setError("");
    const event = response(advice, action, amount, props.now);
    try {
      await send(props.token, ...(measured ? [measured] : []), reason ? { ...event, reason } : event);
      const { units, carbs_g, time } = event;
      const what = { ...(units !== undefined && { units }), ...(carbs_g !== undefined && { carbs_g }) };
      props.dispatch({ type: "answered", id: advice.id, action, time, ...what });
    } catch (err) {
      setError(`Your answer was not saved: ${err instanceof Error ? err.message : err} Please try again.`);
      setBusy(false);
    }
  };

  if (advice.kind === "hold") return null;
  const much = advised(advice, props.person.advices);
  const words = advice.asks
    ? { yes: much === undefined ? "Yes" : `Yes, ${figure(much)} U`, other: "Other", no: "No" }
    : { yes: much === undefined ? "Done" : "Accept", other: "Change", no: "Decline" };
  const changes = much !== undefined || advice.asks;
  return (
    <div class="respond">
      {asking === "" && measures(advice) && (
        <Measure
          name="measured"
          patient={advice.patient}
          unit={props.unit}
          now={props.now}
          busy={busy}
          save={(measured) => answer("accepted", undefined, undefined, measured)}
        />
      )}
      {asking === "" && (
        <div class={`buttons ${changes ? "three" : "two"}`}>
          <button
            type="button"
            class={measures(advice) ? "" : "primary"}
            disabled={busy}
            onClick={() => answer("accepted", much)}
          >
            {words.yes}
          </button>
          {changes && (
            <button type="button" disabled={busy} onClick={() => ask("change")}>
              {words.other}
            </button>
          )}
          <button
            type="button"
            disabled={busy}
            onClick={() => (advice.asks ? answer("declined", undefined, "not taken") : ask("decline"))}
          >
            {words.no}
          </button>
        </div>
      )}
      {asking === "change" && (
        <Change advice={advice} busy={busy} back={() => ask("")} save={(n) => answer("changed", n)} />
      )}
      {asking === "decline" && (
        <fieldset class="decline">
          <legend>Why not?</legend>
          {reasons.map((r) => (
            <button type="button" key={r} disabled={busy} onClick={() => answer("declined", undefined, r)}>
              {r}
            </button>
          ))}
          <button type="button" class="quiet" onClick={() => ask("")}>
            Back
          </button>
        </fieldset>
      )}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

// Change asks for the other amount. Its field is empty: a number that is there
// already gets taken without thought.
function Change(props: { advice: Advice; busy: boolean; back: () => void; save: (n: number) => void }) {
  const [text, setText] = useState("");
  const dose = doses(props.advice) || props.advice.asks;
  const limit = !dose ? most.grams : props.advice.kind === "basal" ? most.basal : most.units;
  const n = number(text);
  const wrong = text !== "" && !(n >= 0 && n <= limit);
  return (
    <form
      class="change"
      onSubmit={(e) => {
        e.preventDefault();
        if (n >= 0 && n <= limit) props.save(n);
      }}
    >
      <label for="amount">
        {props.advice.asks
          ? "Units that I took"
          : dose
            ? "Units that I take instead"
            : "Grams that I eat instead"}
      </label>
      <div class="field">
        <input
          id="amount"
          inputMode="decimal"
          autocomplete="off"
          value={text}
          onInput={(e) => setText(e.currentTarget.value)}
          aria-invalid={wrong}
          aria-describedby="amount-error"
        />
        <span>{dose ? "U" : "g"}</span>
      </div>
      <p id="amount-error" class="error">
        {wrong ? `Enter a number from 0 to ${limit}.` : ""}
      </p>
      <div class="buttons two">
        <button type="submit" class="primary" disabled={props.busy || text === "" || wrong}>
          Save
        </button>
        <button type="button" onClick={props.back}>
          Back
        </button>
      </div>
    </form>
  );
}
