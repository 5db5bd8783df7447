import { colour } from "@bbws/core/theme.ts";
import { decode, encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { compact, compare } from "../support/picture.ts";

/** A picture of 200 x 160 pixels: a ground with a rule, a panel, a badge, and a disc of a letter's size with soft edges. */
function picture(look: Partial<Record<"rule" | "panel" | "badge", string>> = {}, { discAt = 150, height = 160 } = {}): Uint8Array {
  const width = 200;
  const data = new Uint8Array(width * height * 3).fill(255);
  const paint = (fill: string, { left, top, wide, high }: { left: number; top: number; wide: number; high: number }) => {
    for (let y = top; y < top + high; y++)
      for (let x = left; x < left + wide; x++) data.set(Buffer.from(fill.slice(1), "hex"), (y * width + x) * 3);
  };
  paint(look.rule ?? colour.line, { left: 10, top: 10, wide: 180, high: 1 });
  paint(look.panel ?? colour.surface, { left: 10, top: 20, wide: 100, high: 40 });
  paint(look.badge ?? colour.positiveSurface, { left: 10, top: 70, wide: 52, high: 26 });
  for (let y = 100; y < 160; y++)
    for (let x = 110; x < 190; x++) {
      const covered = Math.min(1, Math.max(0, 11 - Math.hypot(x - discAt, y - 130) + 0.5));
      data.fill(Math.round(255 * (1 - covered)), (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  return encode({ width, height, data, channels: 3, depth: 8 });
}

describe("the comparison of pictures", () => {
  it("takes a picture for itself", () => {
    expect(compare(picture(), picture())).toEqual({});
  });

  it.each([
    ["rule", { rule: "#dbdfe4" }, "a flat colour changed from #dfe3e8 to #dbdfe4"],
    ["panel", { panel: "#f6f4eb" }, "a flat colour changed from #f6f4f0 to #f6f4eb"],
    ["badge", { badge: "#e9f5ea" }, "a flat colour changed from #e9f5ee to #e9f5ea"],
    ["vanished rule", { rule: colour.paper }, "a flat colour changed from #dfe3e8 to #ffffff"],
  ])("notices a %s whose colour changed a little, and says from what to what", (_, look, reason) => {
    expect(compare(picture(), picture(look)).reason).toBe(reason);
  });

  it("does not notice a level or two in soft edges", () => {
    expect(compare(picture(), picture({}, { discAt: 150.008 }))).toEqual({});
  });

  it.each([
    ["a third of a pixel beside its place", 150.3],
    ["somewhere else", 156],
  ])("notices what is drawn %s", (_, discAt) => {
    expect(compare(picture(), picture({}, { discAt })).reason).toMatch(/^\d+ pixels of one place differ$/);
  });

  it("marks what differs, and nothing else", () => {
    const { marks } = compare(picture(), picture({ rule: "#dbdfe4" }));
    const { data } = decode(marks!);
    const marked = Array.from({ length: data.length / 4 }, (_, pixel) => pixel).filter((pixel) => data[pixel * 4 + 3] !== 0);
    expect(new Set(marked.map((pixel) => Math.floor(pixel / 200)))).toEqual(new Set([10]));
    expect(marked).toHaveLength(180);
  });

  it("says the sizes of pictures of two sizes, and has nothing to mark", () => {
    expect(compare(picture(), picture({}, { height: 170 }))).toEqual({ reason: "it is 200 x 170 pixels instead of 200 x 160" });
  });
});

describe("a picture for the repository", () => {
  it("keeps every colour", () => {
    expect(decode(compact(picture())).data).toEqual(decode(picture()).data);
  });
});
