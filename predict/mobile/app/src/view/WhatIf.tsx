import { useState } from "preact/hooks";
import { meal } from "../answer";
import { advice as askAdvice, send } from "../api";
import { amount, number, title, type Unit } from "../format";
import type { Recommendation } from "../wire";
import { Because } from "./Because";
import { Meter } from "./Meter";
import { Reasons } from "./Reasons";

interface Props {
  token: string;
  unit: Unit;
  id: string;
  now: number;
  ready: boolean;
}

interface Asked {
  carbs: number;
  reply: Recommendation;
}

const unusual = 99; // grams: more is asked about once
const most = 250;

// WhatIf asks what would be advised for a meal. Nothing is recorded until the
// reader logs the meal; the advice then comes through the log, like all advice.
export function WhatIf(props: Props) {
  const [text, setText] = useState("");
  const [asked, setAsked] = useState<Asked | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [logged, setLogged] = useState("");
  const carbs = number(text);
  const wrong = text !== "" && !(carbs > 0 && carbs <= most);

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setError("");
    setLogged("");
    try {
      await work();
    } catch (err) {
      setError(err instanceof Error ? err.message : String(err));
    }
    setBusy(false);
  };
  const ask = (e: Event) => {
    e.preventDefault();
    if (!(carbs > 0 && carbs <= most)) return;
    attempt(async () => setAsked({ carbs, reply: await askAdvice(props.token, props.id, carbs) }));
  };
  const log = (grams: number) =>
    attempt(async () => {
      await send(props.token, meal(props.id, grams, props.now, crypto.randomUUID()));
      setLogged(`Meal of ${amount(grams)} g logged. Its advice appears above.`);
      setAsked(null);
      setText("");
    });

  return (
    <section class="card what-if" aria-label="What if I eat">
      <form onSubmit={ask}>
        <label for="carbs">What if I eat…</label>
        <div class="ask">
          <div class="field">
            <input
              id="carbs"
              inputMode="decimal"
              autocomplete="off"
              placeholder="carbs"
              value={text}
              onInput={(e) => {
                setText(e.currentTarget.value);
                setAsked(null);
              }}
              aria-invalid={wrong}
              aria-describedby="carbs-note"
            />
            <span>g</span>
          </div>
          <button type="submit" disabled={busy || !props.ready || text === "" || wrong}>
            Ask
          </button>
        </div>
        <p
          id="carbs-note"
          class={wrong || error ? "error" : "muted small"}
          role={error ? "alert" : undefined}
        >
          {wrong
            ? `Enter grams of carbohydrate, more than 0 and up to ${most}.`
            : error ||
              logged ||
              (carbs > unusual ? "That is a lot of carbs. Is it right?" : "Nothing is recorded.")}
        </p>
      </form>
      {asked && (
        <div class="reply" aria-live="polite">
          <h3>{title(asked.reply, asked.carbs)}</h3>
          <Because advice={asked.reply} unit={props.unit} />
          <Reasons advice={asked.reply} unit={props.unit} />
          <button type="button" class="primary wide" disabled={busy} onClick={() => log(asked.carbs)}>
            I eat this now: log {amount(asked.carbs)} g
          </button>
        </div>
      )}
      <Meter token={props.token} unit={props.unit} id={props.id} now={props.now} />
    </section>
  );
}
