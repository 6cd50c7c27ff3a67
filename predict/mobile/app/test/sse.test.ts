import { describe, expect, it } from "vitest";
import { backoff, Parser } from "../src/sse";

const text = 'id: a-1\nevent: glucose\ndata: {"mgdl":143}\n\n: beat\n\nevent: beat\ndata: {}\n\n';

describe("Parser", () => {
  it("reads frames wherever the text is cut", () => {
    const whole = new Parser().push(text);
    expect(whole).toEqual([
      { id: "a-1", event: "glucose", data: '{"mgdl":143}' },
      { event: "beat", data: "{}" },
    ]);
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new Parser();
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(whole);
    }
  });
  it("joins lines of data and keeps colons", () => {
    expect(new Parser().push("data: a:b\ndata: c\n\n")).toEqual([{ event: "message", data: "a:b\nc" }]);
  });
});

describe("backoff", () => {
  it("doubles up to 15 s", () => {
    expect([1, 2, 3, 4, 5, 6, 20].map((n) => backoff(n, 0.5))).toEqual([
      500, 1000, 2000, 4000, 8000, 15_000, 15_000,
    ]);
  });
  it("spreads by a quarter to each side", () => {
    expect(backoff(2, 0)).toBe(750);
    expect(backoff(2, 1)).toBe(1250);
  });
});
