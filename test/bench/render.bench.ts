import type { Group } from "./harness/group.ts";
import { exactly, spreadOf } from "./harness/stats.ts";
import { buildSubject, runSubject } from "./harness/subject.ts";
import type { HeapGrowth } from "./subjects/heap.ts";
import type { RenderSamples } from "./subjects/render.ts";

const MB = 1_000_000;

/** Our tax invoice (always in its embedded font, tagged) beside the same words drawn by hand. */
export const render: Group = {
  name: "render",
  rows: [
    {
      id: "render.5-lines",
      title: "invoice of 5 lines",
      unit: "ms",
      baseline: "pdfkit by hand, standard font",
      judged: "ratio",
      target: 3.8,
      stretch: 2.5,
    },
    {
      id: "render.5-lines-our-font",
      title: "invoice of 5 lines, embedded font",
      unit: "ms",
      baseline: "pdfkit by hand, our font opened once",
      judged: "ratio",
      target: 2.4,
      stretch: 1.75,
    },
    {
      id: "render.50-lines",
      title: "invoice of 50 lines",
      unit: "ms",
      baseline: "pdfkit by hand, standard font",
      judged: "ratio",
      target: 5,
      stretch: 1.5,
    },
    {
      id: "render.50-lines-our-font",
      title: "invoice of 50 lines, embedded font",
      unit: "ms",
      baseline: "pdfkit by hand, our font opened once",
      judged: "ratio",
    },
    {
      id: "render.growth",
      title: "growth from 50 to 500 lines",
      unit: "ms",
      baseline: "50 lines",
      judged: "ratio",
      target: 12,
      stretch: 5,
    },
    {
      id: "render.heap",
      title: "heap growth over 500 invoices, the most of five times",
      unit: "MB",
      judged: "value",
      target: 3,
      stretch: 0.3,
    },
    {
      id: "render.react-pdf",
      title: "react-pdf as documented, 5 lines",
      unit: "ms",
      baseline: "pdfkit by hand, standard font",
      judged: "ratio",
    },
    {
      id: "render.react-pdf-50",
      title: "react-pdf as documented, 50 lines",
      unit: "ms",
      baseline: "pdfkit by hand, standard font",
      judged: "ratio",
    },
  ],
  async measure({ quick, progress }) {
    progress("building");
    const [render, heap] = await Promise.all([buildSubject("render.ts"), buildSubject("heap.ts")]);
    const args = quick ? ["quick"] : [];
    const samples = await runSubject<RenderSamples>(render, { args, progress });
    const growth = await runSubject<HeapGrowth>(heap, { execArgv: ["--expose-gc"], args, progress });
    const spread = (lines: 5 | 50, name: string) => spreadOf(samples[lines][name]!);
    return {
      "render.5-lines": {
        figure: spread(5, "ours"),
        baseline: spread(5, "pdfkit"),
        note: "ours is set in its embedded font here too; it has no other",
      },
      "render.5-lines-our-font": { figure: spread(5, "ours"), baseline: spread(5, "pdfkit, font opened once") },
      "render.50-lines": { figure: spread(50, "ours"), baseline: spread(50, "pdfkit") },
      "render.50-lines-our-font": { figure: spread(50, "ours"), baseline: spread(50, "pdfkit, font opened once") },
      "render.growth": { figure: spreadOf(samples.growth["500 lines"]!), baseline: spreadOf(samples.growth["50 lines"]!) },
      "render.heap": {
        figure: exactly(Math.max(...growth) / MB),
        note: `one after the other: ${growth.map((bytes) => (bytes / MB).toFixed(1)).join(", ")} MB`,
      },
      "render.react-pdf": { figure: spread(5, "react-pdf"), baseline: spread(5, "pdfkit") },
      "render.react-pdf-50": { figure: spread(50, "react-pdf"), baseline: spread(50, "pdfkit") },
    };
  },
};
