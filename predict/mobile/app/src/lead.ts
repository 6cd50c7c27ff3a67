import type { Summary } from "./wire";

// leading is whom to show while the reader has chosen nobody: the first with advice
// to act on, else the first with any answer; null while nobody has one.
export function leading(people: Summary[]): string | null {
  const acting = people.find((p) => p.advice && p.advice.kind !== "hold");
  return (acting ?? people.find((p) => p.advice))?.id ?? null;
}
