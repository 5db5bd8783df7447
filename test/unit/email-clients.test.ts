import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { clients, partlySupported, unsupported } from "@bbws/emails/client-exceptions.ts";
import { caniemail } from "caniemail";
import { describe, expect, it } from "vitest";

/** What each template uses and a client knows not at all (errors) or in part (warnings), by its title on caniemail.com. */
const found = Object.entries(bundledTemplates.templates).map(([template, { html }]) => {
  const { errors, warnings } = caniemail({ clients: [...clients], html }).issues;
  const titles = (issues: typeof errors | typeof warnings) => [...issues.values()].flat().map(({ title }) => title);
  return { template, unsupported: titles(errors), partlySupported: titles(warnings) };
});

describe.each([
  { kind: "unsupported", exceptions: unsupported },
  { kind: "partlySupported", exceptions: partlySupported },
] as const)("what the big mail clients leave $kind", ({ kind, exceptions }) => {
  it.each(found)("is listed with its reason, or $template does not use it", (of) => {
    expect(of[kind].filter((feature) => !(feature in exceptions))).toEqual([]);
  });

  it("is used by some template, or it is not listed", () => {
    const used = new Set(found.flatMap((of) => of[kind]));
    expect(Object.keys(exceptions).filter((feature) => !used.has(feature))).toEqual([]);
  });
});
