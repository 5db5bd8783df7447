import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { eventually } from "./eventually.ts";

/** Headless Chromium, where it is installed or where CHROMIUM says; a new profile each time, and silent towards its makers. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export type WatchedPage = {
  page: Page;
  /** Errors on its console and in its scripts, and every request that left this machine. */
  complaints: string[];
  close(): Promise<void>;
};

/** A page of its own context that reports what should never happen on any page. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1") complaints.push(`asked ${request.url()}`);
  });
  return { page, complaints, close: () => context.close() };
}

/** Until more is drawn on a canvas than an empty sheet has colours. */
export async function untilDrawn(canvas: Locator): Promise<void> {
  const EMPTY = 50;
  const colours = (element: Element) => {
    const { width, height } = element as HTMLCanvasElement;
    const { data } = (element as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    return new Set(new Uint32Array(data.buffer)).size;
  };
  await eventually(async () => (await canvas.evaluate(colours)) > EMPTY || undefined);
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe finds wrong with what is shown: the rule and where. Frames are not entered.
 * @param exceptions rules that do not concern it
 */
export async function accessibilityFindings(page: Page, exceptions: string[] = []): Promise<string[]> {
  const { violations } = await page.evaluate(
    async ({ source, rules }): Promise<AxeResults> => {
      const scope = window as unknown as { axe?: { run(context: unknown, options: unknown): Promise<AxeResults> } };
      if (!scope.axe) new Function(source)();
      return scope.axe!.run(document, { iframes: false, rules });
    },
    { source: axeSource, rules: Object.fromEntries(exceptions.map((rule) => [rule, { enabled: false }])) },
  );
  return violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map(({ target }) => target).join(" ")}`);
}
