// Server-sent events, read by hand: EventSource can't send the Authorization header.

export interface Frame {
  id?: string;
  event: string;
  data: string;
}

// Parser turns text, cut anywhere, into whole frames.
export class Parser {
  private rest = "";

  push(text: string): Frame[] {
    const blocks = (this.rest + text).replaceAll("\r\n", "\n").split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map(frame).filter((f) => f !== undefined);
  }
}

function frame(block: string): Frame | undefined {
  const data: string[] = [];
  const f: Frame = { event: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    if (field === "id" && value !== undefined) f.id = value;
    if (field === "event" && value !== undefined) f.event = value;
    if (field === "data" && value !== undefined) data.push(value);
  }
  if (data.length === 0) return undefined;
  f.data = data.join("\n");
  return f;
}

// backoff is how long to wait before attempt n (from 1): doubling from half a
// second to 15 s, spread by jitter in [0,1) so that clients don't return at once.
export function backoff(attempt: number, jitter: number): number {
  const base = Math.min(15_000, 500 * 2 ** (attempt - 1));
  return Math.round(base * (0.75 + jitter / 2));
}
