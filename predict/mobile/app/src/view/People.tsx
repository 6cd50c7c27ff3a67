import { useState } from "preact/hooks";
import { age, band, glucose, label, trendWords, type Unit } from "../format";
import type { Summary } from "../wire";
import { Arrow, Search } from "./icons";
import type { Roster } from "./Shell";

export function People(props: {
  roster: Roster;
  chosen: string | null;
  unit: Unit;
  onPick: (id: string) => void;
  idPrefix: string;
}) {
  const [query, setQuery] = useState("");
  const { people, error } = props.roster;
  const matching = (people ?? []).filter((p) => p.id.toLowerCase().includes(query.trim().toLowerCase()));
  const field = `${props.idPrefix}-search`;
  return (
    <div class="people">
      <div class="search">
        <label class="hidden" for={field}>
          Search people
        </label>
        <Search />
        <input
          id={field}
          type="search"
          placeholder="Search people"
          autocomplete="off"
          value={query}
          onInput={(e) => setQuery(e.currentTarget.value)}
        />
      </div>
      {error && people && (
        <p class="note" role="status">
          {error} The list may be old.
        </p>
      )}
      <ul>
        {matching.map((p) => (
          <li key={p.id}>
            <Row person={p} chosen={p.id === props.chosen} unit={props.unit} onPick={props.onPick} />
          </li>
        ))}
      </ul>
      {people && matching.length === 0 && (
        <p class="note">{people.length === 0 ? "Nobody yet." : `Nobody is called “${query}”.`}</p>
      )}
    </div>
  );
}

function Row(props: { person: Summary; chosen: boolean; unit: Unit; onPick: (id: string) => void }) {
  const { person: p, unit } = props;
  return (
    <button
      type="button"
      class="row"
      aria-current={props.chosen ? "true" : undefined}
      onClick={() => props.onPick(p.id)}
    >
      <span class="who">
        <span class="name">{p.id}</span>
        {p.advice ? (
          <span class="pill fresh">{label(p.advice)}</span>
        ) : (
          <span class="muted small">
            {p.last ? age(Date.parse(p.last.time), Date.parse(p.now)) : "no reading yet"}
          </span>
        )}
      </span>
      {p.last && (
        <span class={`value ${band(p.last.mgdl)}`}>
          {glucose(p.last.mgdl, unit)}
          <span class="hidden">
            {" "}
            {unit}, {trendWords(p.last.trend)}
          </span>
          <Arrow trend={p.last.trend} size={18} />
        </span>
      )}
    </button>
  );
}
