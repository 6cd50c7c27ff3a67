import { useEffect, useRef, useState } from "preact/hooks";
import { patients, Refused } from "../api";
import type { Unit } from "../format";
import { leading } from "../lead";
import { patientInAddress, patientToAddress } from "../session";
import type { Summary } from "../wire";
import { Header } from "./Header";
import { usePreference } from "./hooks";
import { Cross } from "./icons";
import { People } from "./People";
import { PersonView } from "./PersonView";

const every = 4000; // ms between looks at the list

export interface Roster {
  people: Summary[] | null; // null before the first answer
  error: string;
}

function useRoster(token: string, signOut: (refused: boolean) => void): Roster {
  const [roster, set] = useState<Roster>({ people: null, error: "" });
  useEffect(() => {
    let stopped = false;
    let timer = 0;
    const look = async () => {
      try {
        const people = await patients(token);
        if (!stopped) set({ people, error: "" });
      } catch (err) {
        if (stopped) return;
        if (err instanceof Refused && err.status === 401) return signOut(true);
        set((r) => ({ ...r, error: err instanceof Refused ? err.message : "The server can't be reached." }));
      }
      if (!stopped) timer = window.setTimeout(look, every);
    };
    look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [token]);
  return roster;
}

// useLead is the first person found with advice, and stays the same from then on.
function useLead(roster: Roster): string | null {
  const [lead, set] = useState<string | null>(null);
  useEffect(() => {
    if (lead === null && roster.people) set(leading(roster.people));
  }, [lead, roster.people]);
  return lead;
}

export function Shell(props: { token: string; signOut: (refused: boolean) => void }) {
  const roster = useRoster(props.token, props.signOut);
  const [chosen, choose] = useState(patientInAddress);
  const lead = useLead(roster);
  const [unit, setUnit] = usePreference<Unit>("unit", ["mg/dL", "mmol/L"]);
  const dialog = useRef<HTMLDialogElement>(null);
  const id = chosen ?? lead ?? roster.people?.[0]?.id ?? null;
  // Whoever touches the page means the person it shows: from then on it stays.
  const stay = () => choose((c) => c ?? id);
  const pick = (next: string) => {
    patientToAddress(next);
    choose(next);
    dialog.current?.close();
    window.scrollTo({ top: 0 });
  };
  const list = (idPrefix: string) => (
    <People roster={roster} chosen={id} unit={unit} onPick={pick} idPrefix={idPrefix} />
  );
  return (
    <div class="shell">
      <Header
        unit={unit}
        setUnit={setUnit}
        signOut={() => props.signOut(false)}
        summary={find(roster, id) ?? roster.people?.[0]}
      />
      <nav class="side" aria-label="People">
        {list("side")}
      </nav>
      <main onPointerDownCapture={stay} onFocusCapture={stay}>
        {id ? (
          <PersonView
            key={id}
            token={props.token}
            id={id}
            unit={unit}
            signOut={() => props.signOut(true)}
            openList={() => dialog.current?.showModal()}
            others={waiting(roster, id)}
          />
        ) : (
          <Nobody roster={roster} />
        )}
      </main>
      <dialog ref={dialog} class="sheet" aria-label="Choose a person">
        <div class="sheet-head">
          <h2>People</h2>
          <button type="button" class="icon" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Cross />
          </button>
        </div>
        {list("sheet")}
      </dialog>
    </div>
  );
}

const find = (r: Roster, id: string | null) => r.people?.find((p) => p.id === id);

// waiting is how many others have advice that holds now.
const waiting = (r: Roster, id: string) => r.people?.filter((p) => p.advice && p.id !== id).length ?? 0;

function Nobody({ roster }: { roster: Roster }) {
  if (roster.error)
    return (
      <div class="card empty" role="alert">
        <h2>No connection</h2>
        <p class="muted">{roster.error} Trying again…</p>
      </div>
    );
  if (roster.people === null)
    return (
      <div class="card empty" aria-busy="true">
        <p class="muted">Loading…</p>
      </div>
    );
  return (
    <div class="card empty">
      <h2>Nobody yet</h2>
      <p class="muted">A person appears here with their first reading, meal or dose.</p>
    </div>
  );
}
