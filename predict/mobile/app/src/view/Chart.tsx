import { useEffect, useRef, useState } from "preact/hooks";
import { amount, clock, doseOf, glucose, type Unit } from "../format";
import { Plot } from "../plot";
import { columns, likely, type Scene } from "../scene";
import { expected, type Person } from "../state";
import { onTheme } from "../theme";
import type { Advice } from "../wire";
import { zoneOf } from "./hooks";

interface Props {
  person: Person | null;
  now: number;
  unit: Unit;
  advice: Advice | undefined;
}

// Chart is the last six hours and the next four. Its height never changes.
export function Chart(props: Props) {
  const { person } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const scene: Scene | null = person && {
    ...props,
    person: { ...person, zone: zoneOf(person) },
    followed: expected(props.advice),
    dose: props.advice ? doseOf(props.advice) : "",
  };

  useEffect(() => {
    if (!scene || !host.current) return;
    if (plot.current) plot.current.show(scene);
    else {
      plot.current = new Plot(host.current, scene, setCursor);
      plot.current.show(scene);
    }
  });
  useEffect(() => {
    const el = host.current;
    if (!el) return;
    const resize = new ResizeObserver(() => plot.current?.resize(el.clientWidth, el.clientHeight));
    resize.observe(el);
    const stop = onTheme(() => plot.current?.recolour());
    return () => {
      resize.disconnect();
      stop();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);

  return (
    <section class="card chart" aria-label="Glucose and forecast">
      <div class="legend" aria-hidden="true">
        {scene && cursor !== null ? <Readout scene={scene} index={cursor} /> : <Legend scene={scene} />}
      </div>
      <div class="plot" ref={host} role="img" aria-label={scene ? describe(scene) : "Loading the chart"} />
    </section>
  );
}

function Legend({ scene }: { scene: Scene | null }) {
  if (scene?.followed)
    return (
      <>
        <span class="key measured">measured</span>
        <span class="key followed">with {scene.dose}, 90 %</span>
        <span class="key without">without</span>
      </>
    );
  return (
    <>
      <span class="key measured">measured</span>
      <span class="key expected">expected, 90 %</span>
    </>
  );
}

function Readout({ scene, index }: { scene: Scene; index: number }) {
  const { person, unit } = scene;
  const reading = person.glucose[index];
  if (reading)
    return (
      <span class="readout">
        {clock(Date.parse(reading.time), person.zone)} · <b>{glucose(reading.mgdl, unit)}</b> {unit}
      </span>
    );
  const fan = likely(scene);
  const p = fan?.points.at(index - columns(scene)[0].length);
  if (!fan || !p) return <Legend scene={scene} />;
  return (
    <span class="readout">
      {clock(fan.from + p.minutes * 60_000, person.zone)} · <b>{glucose(p.p50, unit)}</b> (
      {glucose(p.p05, unit)}–{glucose(p.p95, unit)}) {unit} expected
    </span>
  );
}

// describe says in words what the picture shows.
function describe(scene: Scene): string {
  const { person, unit, now } = scene;
  const values = person.glucose.filter((r) => Date.parse(r.time) > now - 6 * 3_600_000).map((r) => r.mgdl);
  if (values.length === 0) return "No readings in the last 6 hours.";
  const show = (v: number) => glucose(v, unit);
  const ahead = likely(scene)?.points.find((p) => p.minutes === 120);
  const forecast = ahead
    ? ` Expected in 2 hours: ${show(ahead.p50)}, between ${show(ahead.p05)} and ${show(ahead.p95)}.`
    : "";
  const carbs = person.meals.reduce((sum, m) => sum + m.carbs_g, 0);
  return (
    `Last 6 hours: ${show(Math.min(...values))} to ${show(Math.max(...values))} ${unit}, ` +
    `now ${show(values[values.length - 1] as number)}.${forecast} Meals: ${amount(carbs)} g.`
  );
}
