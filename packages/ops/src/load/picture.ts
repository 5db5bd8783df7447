import { barsOf, distributionOf } from "./distribution.ts";

const width = 720;
const panel = { height: 150, left: 60, right: 20, top: 34, bottom: 26 };
const BARS = 60;

/** The distributions one below the other, as SVG: a bar for each slice of time, lines where half and 95 % are reached. */
export function picture(title: string, measures: Record<string, readonly number[]>): string {
  const shown = Object.entries(measures).filter(([, samples]) => samples.length > 0);
  const height = 40 + shown.length * panel.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${panel.left}" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...shown.map(([name, samples], i) => panelOf(name, samples, 40 + i * panel.height)),
    "</svg>",
    "",
  ].join("\n");
}

function panelOf(name: string, samples: readonly number[], top: number): string {
  const bars = barsOf(samples, BARS);
  const { count, p50, p95, p99 } = distributionOf(samples)!;
  const [least, most] = [bars[0]!.from, bars.at(-1)!.to];
  const inner = { width: width - panel.left - panel.right, height: panel.height - panel.top - panel.bottom };
  const x = (ms: number) => panel.left + ((ms - least) / (most - least)) * inner.width;
  const floor = top + panel.top + inner.height;
  const tallest = bars.reduce((height, bar) => Math.max(height, bar.count), 0);
  const mark = (ms: number, label: string, colour: string) =>
    `<line x1="${x(ms).toFixed(1)}" x2="${x(ms).toFixed(1)}" y1="${top + panel.top - 4}" y2="${floor}" stroke="${colour}"><title>${label}</title></line>`;
  return [
    `<text x="${panel.left}" y="${top + 20}">${escaped(name)} (${count}): p50 ${text(p50)}, p95 ${text(p95)}, p99 ${text(p99)}</text>`,
    ...bars.map((bar) => {
      const tall = (bar.count / tallest) * inner.height;
      const wide = Math.max(1, x(bar.to) - x(bar.from) - 1);
      return `<rect x="${x(bar.from).toFixed(1)}" y="${(floor - tall).toFixed(1)}" width="${wide.toFixed(1)}" height="${tall.toFixed(1)}" fill="#0f766e"/>`;
    }),
    `<line x1="${panel.left}" x2="${width - panel.right}" y1="${floor}" y2="${floor}" stroke="#6b7280"/>`,
    `<text x="${panel.left}" y="${floor + 16}" fill="#6b7280">${text(least)}</text>`,
    `<text x="${width - panel.right}" y="${floor + 16}" fill="#6b7280" text-anchor="end">${text(most)}</text>`,
    mark(p50, "p50", "#b45309"),
    mark(p95, "p95", "#b91c1c"),
  ].join("\n");
}

/** A duration for people: `84 ms`, `12.3 s`. */
export const text = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

const escaped = (words: string) => words.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
