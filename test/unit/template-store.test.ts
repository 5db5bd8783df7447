import { type TemplateSet, templateStore } from "@bbws/core/mail/template-store.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { describe, expect, it } from "vitest";

const published: TemplateSet = { ...bundledTemplates, version: "published" };

/** The published set with another subject of the confirmation. */
function withSubject(subject: string): TemplateSet {
  const { "customer/order_confirmation": confirmation, ...others } = published.templates;
  return { ...published, templates: { ...others, "customer/order_confirmation": { ...confirmation, subject } } };
}

/** A store over `read`, a minute of cache, and a clock that the test moves. */
function storeOn(read: (key: string) => Promise<unknown>) {
  const failures: unknown[] = [];
  const time = { now: 0 };
  const store = templateStore({
    source: { read },
    bundled: bundledTemplates,
    clock: () => new Date(time.now),
    cacheMs: 60_000,
    onFallback: (error) => void failures.push(error),
  });
  return { version: async () => (await store.get("customer/order_confirmation")).version, failures, time };
}

describe("the template store", () => {
  it("gives the published set to every mail of a batch that asks before it is read", async () => {
    let reads = 0;
    const { version } = storeOn(async (key) => {
      reads += 1;
      await new Promise((later) => setTimeout(later, 5));
      return key === "manifest.json" ? { version: "published" } : published;
    });
    expect(await Promise.all(Array.from({ length: 10 }, version))).toEqual(Array.from({ length: 10 }, () => "published"));
    expect(reads).toBe(2);
  });

  it("reads again when the cache is over, and keeps what it had when that fails", async () => {
    let works = true;
    const { version, failures, time } = storeOn(async (key) => {
      if (!works) throw new Error("no store");
      return key === "manifest.json" ? { version: "published" } : published;
    });
    expect(await version()).toBe("published");
    works = false;
    time.now = 59_999;
    expect(await version()).toBe("published");
    expect(failures).toEqual([]);
    time.now = 60_000;
    expect(await version()).toBe("published");
    expect(failures).toHaveLength(1);
  });

  it.each([
    ["manifest", {}, published],
    ["set", { version: "published" }, {}],
    ["template", { version: "published" }, { version: "published", templates: { "customer/order_confirmation": { subject: "Hello" } } }],
    ["tag", { version: "published" }, withSubject("Thank you {{nickname}}")],
  ])("falls back when the %s is not what it should be", async (_, manifest, set) => {
    const { version, failures } = storeOn(async (key) => (key === "manifest.json" ? manifest : set));
    expect(await version()).toBe(bundledTemplates.version);
    expect(failures).toHaveLength(1);
  });

  it("names a set that it cannot fill as such, for the log", async () => {
    const { version, failures } = storeOn(async (key) =>
      key === "manifest.json" ? { version: "published" } : withSubject("{{nickname}}"),
    );
    await version();
    expect(failures).toEqual([expect.objectContaining({ name: "UnfillableTemplates", message: expect.stringContaining("{{nickname}}") })]);
  });

  it("falls back to the bundled set, told once for all who waited", async () => {
    const { version, failures } = storeOn(async () => {
      throw new Error("no store");
    });
    expect(await Promise.all([version(), version(), version()])).toEqual(Array.from({ length: 3 }, () => bundledTemplates.version));
    expect(failures).toHaveLength(1);
  });
});
