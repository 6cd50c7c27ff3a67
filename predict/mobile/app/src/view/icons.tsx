// Icons are drawn with the text's colour and hidden from screen readers: whatever
// they say is also said in words.

import type { ComponentChildren } from "preact";

function Icon(props: { children: ComponentChildren; size?: number; class?: string }) {
  const size = props.size ?? 20;
  return (
    <svg
      class={props.class}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {props.children}
    </svg>
  );
}

const angles: Record<string, number> = {
  doubleUp: -90,
  singleUp: -90,
  fortyFiveUp: -45,
  flat: 0,
  fortyFiveDown: 45,
  singleDown: 90,
  doubleDown: 90,
};

export function Arrow(props: { trend: string | undefined; size?: number }) {
  const angle = angles[props.trend ?? ""];
  if (angle === undefined) return <Icon {...(props.size ? { size: props.size } : {})}> </Icon>;
  const twice = props.trend?.startsWith("double");
  const one = (dy: number) => <path d={`M4 ${12 + dy}h15M13 ${6 + dy}l6 6-6 6`} />;
  return (
    <Icon class="arrow" size={props.size ?? 20}>
      <g transform={`rotate(${angle} 12 12)`}>
        {twice ? <path d="M4 6.5h15M15 2.5l4 4-4 4M4 17.5h15M15 13.5l4 4-4 4" /> : one(0)}
      </g>
    </Icon>
  );
}

export const Sun = () => (
  <Icon>
    <circle cx="12" cy="12" r="4.2" />
    <path d="M12 2v2.4M12 19.6V22M2 12h2.4M19.6 12H22M4.9 4.9l1.7 1.7M17.4 17.4l1.7 1.7M4.9 19.1l1.7-1.7M17.4 6.6l1.7-1.7" />
  </Icon>
);

export const Moon = () => (
  <Icon>
    <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" />
  </Icon>
);

export const Chevron = () => (
  <Icon size={18} class="chevron">
    <path d="M6 9l6 6 6-6" />
  </Icon>
);

export const Cross = () => (
  <Icon>
    <path d="M6 6l12 12M18 6L6 18" />
  </Icon>
);

export const Search = () => (
  <Icon size={18}>
    <circle cx="11" cy="11" r="6.5" />
    <path d="M16 16l4.5 4.5" />
  </Icon>
);

export function GateIcon(props: { outcome: string }) {
  if (props.outcome === "pass")
    return (
      <Icon size={16} class="gate-pass">
        <path d="M5 12.5l4.5 4.5L19 7.5" />
      </Icon>
    );
  if (props.outcome === "reduce")
    return (
      <Icon size={16} class="gate-reduce">
        <path d="M12 5v14M6 13l6 6 6-6" />
      </Icon>
    );
  return (
    <Icon size={16} class="gate-block">
      <circle cx="12" cy="12" r="8.5" />
      <path d="M6 18L18 6" />
    </Icon>
  );
}
