import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { clients, exceptions } from "@bbws/emails/client-exceptions.ts";
import { caniemail } from "caniemail";
import { describe, expect, it } from "vitest";

const unsupported = (html: string) =>
  [...caniemail({ clients: [...clients], html }).issues.errors.values()].flat().map(({ title }) => title);

describe("the big mail clients", () => {
  it.each(Object.entries(bundledTemplates.templates))("know everything %s uses, or the exception is listed", (_, { html }) => {
    expect(unsupported(html).filter((feature) => !(feature in exceptions))).toEqual([]);
  });

  it("still lack what is listed as an exception", () => {
    const all = new Set(Object.values(bundledTemplates.templates).flatMap(({ html }) => unsupported(html)));
    expect(Object.keys(exceptions).filter((feature) => !all.has(feature))).toEqual([]);
  });
});
