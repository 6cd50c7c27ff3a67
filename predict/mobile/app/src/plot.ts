// The picture of a person's glucose: uPlot keeps the scales, axes and cursor; the
// curve, the fan and the marks are drawn here, in the page's own colours.

import uPlot from "uplot";
import { amount, band, glucose, levels, range } from "./format";
import { cluster, doseMarks, type Mark, mealMarks } from "./markers";
import { type Ahead, ahead, behind, columns, lanes, least, likely, type Scene, top, without } from "./scene";

type Point = [x: number, y: number];

interface Colours {
  [name: string]: string;
}

function colours(el: Element): Colours {
  const style = getComputedStyle(el);
  const names = [
    "ink",
    "muted",
    "faint",
    "line",
    "accent",
    "band",
    "fan",
    "glow",
    "low",
    "high",
    "carbs",
    "card",
  ];
  return Object.fromEntries(names.map((n) => [n, style.getPropertyValue(`--${n}`).trim()]));
}

export class Plot {
  private plot: uPlot;
  private tint: Colours;

  constructor(
    private readonly host: HTMLElement,
    private scene: Scene,
    onCursor: (index: number | null) => void,
  ) {
    this.tint = colours(host);
    this.plot = new uPlot(this.options(onCursor), columns(scene), host);
  }

  show(scene: Scene): void {
    const zoneChanged = scene.person.zone !== this.scene.person.zone;
    this.scene = scene;
    this.plot.setData(columns(scene), false);
    this.plot.batch(() => {
      this.plot.setScale("x", { min: (scene.now - behind) / 1000, max: (scene.now + ahead) / 1000 });
      this.plot.setScale("y", { min: lanes(top(scene)).floor, max: top(scene) });
    });
    this.plot.redraw(false, zoneChanged);
  }

  recolour(): void {
    this.tint = colours(this.host);
    this.plot.redraw(false, true);
  }

  resize(width: number, height: number): void {
    this.plot.setSize({ width, height });
  }

  destroy(): void {
    this.plot.destroy();
  }

  private options(onCursor: (index: number | null) => void): uPlot.Options {
    const axis = (): uPlot.Axis => ({
      stroke: () => this.tint.muted ?? "",
      font: "11px system-ui, sans-serif",
      ticks: { show: false },
    });
    return {
      width: this.host.clientWidth,
      height: this.host.clientHeight,
      padding: [14, 16, 0, 0],
      tzDate: (s) => uPlot.tzDate(new Date(s * 1000), this.scene.person.zone),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: true, auto: false }, y: { auto: false } },
      series: [
        {},
        { paths: () => null, points: { show: false } },
        { paths: () => null, points: { show: false } },
      ],
      axes: [
        { ...axis(), size: 26, gap: 6, space: 62, grid: { show: false }, values: "{HH}:{mm}" },
        {
          ...axis(),
          size: 38,
          gap: 6,
          grid: { stroke: () => this.tint.line ?? "", width: 1 },
          splits: () => this.levels(),
          values: (_, splits) => splits.map((v) => glucose(v, this.scene.unit)),
        },
      ],
      hooks: {
        drawClear: [(u) => this.drawBand(u)],
        draw: [(u) => this.draw(u)],
        setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
      },
    };
  }

  private levels(): number[] {
    return levels(top(this.scene), this.scene.unit);
  }

  private drawBand(u: uPlot): void {
    const { left, width } = u.bbox;
    const y = u.valToPos(range.high, "y", true);
    u.ctx.fillStyle = this.tint.band ?? "";
    u.ctx.fillRect(left, y, width, u.valToPos(range.low, "y", true) - y);
  }

  // A forecast may go below what sensors measure; the strip under it stays free.
  private draw(u: uPlot): void {
    const end = u.bbox.top + u.bbox.height;
    this.within(u, u.valToPos(least, "y", true) + 6 * uPlot.pxRatio, () => {
      this.drawNow(u);
      this.drawFan(u);
      this.drawDots(u);
    });
    this.within(u, end, () => this.drawMarks(u));
  }

  private within(u: uPlot, bottom: number, paint: () => void): void {
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(u.bbox.left, 0, u.bbox.width, bottom);
    u.ctx.clip();
    paint();
    u.ctx.restore();
  }

  private place(u: uPlot, ms: number, mgdl: number): Point {
    return [u.valToPos(ms / 1000, "x", true), u.valToPos(mgdl, "y", true)];
  }

  private drawNow(u: uPlot): void {
    const { ctx } = u;
    const ratio = uPlot.pxRatio;
    const [x] = this.place(u, this.scene.now, 0);
    ctx.strokeStyle = this.tint.faint ?? "";
    ctx.lineWidth = ratio;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, u.bbox.top);
    ctx.lineTo(x, u.valToPos(least, "y", true));
    ctx.stroke();
    this.text(u, "now", x, u.bbox.top - 4 * ratio, this.tint.muted ?? "");
  }

  // The fan opens at the last reading, where nothing is uncertain yet. While there is
  // advice, it is the forecast that the advice was chosen by; what comes without it
  // is then a line.
  private drawFan(u: uPlot): void {
    const { person, followed } = this.scene;
    const last = person.glucose[person.glucose.length - 1];
    const fan = likely(this.scene);
    if (!fan || !last) return;
    const start = this.place(u, Date.parse(last.time), last.mgdl);
    const line = (ahead: Ahead, q: "p05" | "p50" | "p95"): Point[] => [
      start,
      ...ahead.points
        .map((p) => this.place(u, ahead.from + p.minutes * 60_000, p[q]))
        .filter(([x]) => x > start[0]),
    ];
    this.fill(u, line(fan, "p95"), line(fan, "p05"), followed ? this.tint.glow : this.tint.fan);
    const undosed = without(this.scene);
    if (undosed) this.stroke(u, line(undosed, "p50"), this.tint.ink ?? "", [5, 4]);
    if (followed) this.stroke(u, line(followed, "p50"), this.tint.accent ?? "", []);
  }

  private fill(u: uPlot, upper: Point[], lower: Point[], colour = ""): void {
    const { ctx } = u;
    ctx.beginPath();
    trace(ctx, upper, true);
    trace(ctx, [...lower].reverse(), false);
    ctx.closePath();
    ctx.fillStyle = colour;
    ctx.fill();
  }

  private stroke(u: uPlot, points: Point[], colour: string, dash: number[]): void {
    const { ctx } = u;
    ctx.beginPath();
    trace(ctx, points, true);
    ctx.setLineDash(dash.map((d) => d * uPlot.pxRatio));
    ctx.lineWidth = 1.75 * uPlot.pxRatio;
    ctx.strokeStyle = colour;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  private drawDots(u: uPlot): void {
    const tints = { urgent: this.tint.low, low: this.tint.low, in: this.tint.ink, high: this.tint.high };
    const radius = 2.1 * uPlot.pxRatio;
    const { glucose: readings } = this.scene.person;
    readings.forEach((r, i) => {
      const [x, y] = this.place(u, Date.parse(r.time), r.mgdl);
      const newest = i === readings.length - 1;
      if (newest) this.dot(u, x, y, radius * 3.2, this.tint.card ?? "");
      this.dot(u, x, y, newest ? radius * 2.2 : radius, tints[band(r.mgdl)] ?? "");
    });
  }

  private dot(u: uPlot, x: number, y: number, radius: number, colour: string): void {
    u.ctx.fillStyle = colour;
    u.ctx.beginPath();
    u.ctx.arc(x, y, radius, 0, 2 * Math.PI);
    u.ctx.fill();
  }

  private drawMarks(u: uPlot): void {
    const { person, now } = this.scene;
    const gap = ((36 * uPlot.pxRatio) / u.bbox.width) * (behind + ahead);
    const shown = (m: Mark) => m.t >= now - behind && m.t <= now + ahead;
    const lane = (marks: Mark[], level: number, unit: string, colour: string) => {
      for (const m of cluster(marks.filter(shown), gap)) {
        const [x, y] = this.place(u, m.t, level);
        const label = m.size && m.amount === 0 ? m.size : `${amount(m.amount)} ${unit}`;
        this.tick(u, x, y, colour);
        this.text(u, label, x, y + 4 * uPlot.pxRatio, colour);
      }
    };
    const { meals, doses } = lanes(top(this.scene));
    lane(mealMarks(person.meals), meals, "g", this.tint.carbs ?? "");
    lane(doseMarks(person.insulin), doses, "U", this.tint.accent ?? "");
  }

  private tick(u: uPlot, x: number, y: number, colour: string): void {
    const ratio = uPlot.pxRatio;
    u.ctx.fillStyle = colour;
    u.ctx.beginPath();
    u.ctx.roundRect(x - 1.25 * ratio, y - 12 * ratio, 2.5 * ratio, 5 * ratio, 1.25 * ratio);
    u.ctx.fill();
  }

  private text(u: uPlot, label: string, x: number, y: number, colour: string): void {
    const { ctx } = u;
    ctx.font = `600 ${10.5 * uPlot.pxRatio}px system-ui, sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "alphabetic";
    ctx.fillStyle = colour;
    const half = ctx.measureText(label).width / 2;
    const { left, width } = u.bbox;
    ctx.fillText(label, Math.min(Math.max(x, left + half), left + width - half), y);
  }
}

// trace draws a smooth line (Catmull–Rom) through points. It begins a new line if
// move, and otherwise goes on from where the pen is.
function trace(ctx: CanvasRenderingContext2D, points: Point[], move: boolean): void {
  points.forEach((p, i) => {
    const a = points[i - 1];
    if (!a) {
      if (move) ctx.moveTo(...p);
      else ctx.lineTo(...p);
      return;
    }
    const before = points[i - 2] ?? a;
    const after = points[i + 1] ?? p;
    ctx.bezierCurveTo(
      a[0] + (p[0] - before[0]) / 6,
      a[1] + (p[1] - before[1]) / 6,
      p[0] - (after[0] - a[0]) / 6,
      p[1] - (after[1] - a[1]) / 6,
      ...p,
    );
  });
}
