import { parse } from "@bbws/core/parse.ts";
import { cleanText, optionalText, text } from "@bbws/core/text.ts";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";

/** Every UTF-16 code unit, lone surrogates included; the troublesome ones often. */
const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0xa0 }), fc.integer({ min: 0x2000, max: 0x2070 }));
const anything = fc.array(unit.map((code) => String.fromCharCode(code))).map((units) => units.join(""));

describe("customer text", () => {
  it.each([
    ["  Thandi  ", "Thandi"],
    ["line\r\nbreak", "line break"],
    ["a\tb\u0085c\u2028d", "a b c d"],
    ["null\u0000byte\u0007", "nullbyte"],
    ["\u202egnp.exe", "gnp.exe"],
    ["\ufeffmark", "mark"],
    ["lone \ud800 half", "lone \ufffd half"],
    ["\u0000\u0001", ""],
    ["Łukasz Ζωή Иван 李 שלום नमस्ते 🧁", "Łukasz Ζωή Иван 李 שלום नमस्ते 🧁"],
    ["<script>alert(1)</script>", "<script>alert(1)</script>"],
  ])("%j is kept as %j", (given, kept) => {
    expect(cleanText(given)).toBe(kept);
  });

  it("once clean has no control character, no line break and no loose end, and stays as it is", () => {
    fc.assert(
      fc.property(anything, (given) => {
        const clean = cleanText(given);
        expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).toBe(clean.trim());
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });
});

describe("a text field", () => {
  const schema = v.object({ city: text(5, "city"), notes: optionalText(5, "notes") });
  const problems = (input: unknown) => {
    try {
      parse(schema, input);
      return [];
    } catch (error) {
      return (error as { details: { field: string; message: string }[] }).details;
    }
  };

  it("counts characters as people do, not code units", () => {
    expect(problems({ city: "🧁🧁🧁🧁🧁" })).toEqual([]);
    expect(problems({ city: "🧁🧁🧁🧁🧁🧁" })).toEqual([{ field: "city", message: "city must have at most 5 characters" }]);
  });

  it("is measured after it was cleaned", () => {
    expect(parse(schema, { city: "   abcde \n" })).toMatchObject({ city: "abcde" });
  });

  it.each([undefined, null, "", "   ", "\u0000", "\r\n"])("that is required is missing when it is %j", (city) => {
    expect(problems({ city })).toEqual([{ field: "city", message: "city is required" }]);
  });

  it.each([undefined, null, "", "   ", "\u0000"])("that is optional is absent when it is %j", (notes) => {
    expect(parse(schema, { city: "x", notes }).notes).toBeUndefined();
  });

  it.each([1, true, {}, []])("must be a string, not %j", (value) => {
    expect(problems({ city: value, notes: value })).toEqual([
      { field: "city", message: "city must be a string" },
      { field: "notes", message: "notes must be a string" },
    ]);
  });
});
