import { useEffect, useState } from "preact/hooks";
import type { Unit } from "../format";
import { isDark, onTheme, toggleTheme } from "../theme";
import type { Summary } from "../wire";
import { Moon, Sun } from "./icons";

export function Header(props: {
  unit: Unit;
  setUnit: (u: Unit) => void;
  signOut: () => void;
  summary: Summary | undefined;
}) {
  const [dark, setDark] = useState(isDark);
  useEffect(() => onTheme(() => setDark(isDark())), []);
  return (
    <header>
      <div class="bar">
        <p class="brand">Titrate</p>
        <p class="disclaimer">Research software. Not a medical device.</p>
        <div class="tools">
          <fieldset class="switch">
            <legend class="hidden">Unit of glucose</legend>
            {(["mg/dL", "mmol/L"] as const).map((u) => (
              <label key={u}>
                <input
                  type="radio"
                  name="unit"
                  checked={props.unit === u}
                  onChange={() => props.setUnit(u)}
                />
                <span>{u}</span>
              </label>
            ))}
          </fieldset>
          <button
            type="button"
            class="icon"
            onClick={toggleTheme}
            aria-label={dark ? "Use light colours" : "Use dark colours"}
          >
            {dark ? <Sun /> : <Moon />}
          </button>
        </div>
      </div>
      {props.summary?.simulated !== false && (
        <p class="virtual">
          {/* Its place is kept until it is known who is shown, so that nothing moves then. */}
          {props.summary ? `Virtual people · clock ×${Math.round(props.summary.speed * 10) / 10}` : "\u00a0"}
        </p>
      )}
    </header>
  );
}
