import { describe, expect, it } from "vitest";
import { leading } from "../src/lead";
import type { Summary } from "../src/wire";

const person = (id: string, kind?: string) => ({ id, advice: kind ? { kind } : null }) as unknown as Summary;

describe("leading", () => {
  it("is nobody while nobody has advice", () => {
    expect(leading([])).toBeNull();
    expect(leading([person("a"), person("b")])).toBeNull();
  });
  it("is the first with something to do", () => {
    expect(leading([person("a"), person("b", "hold"), person("c", "bolus"), person("d", "carbs")])).toBe("c");
  });
  it("is a refusal if there is nothing else", () => {
    expect(leading([person("a"), person("b", "hold")])).toBe("b");
  });
});
