import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { page } from "@bbws/core/document/sections.ts";
import { colour, logo } from "@bbws/core/theme.ts";
import { samples as mailSamples } from "@bbws/emails/samples.ts";
import { freePort } from "@bbws/local/emulators/ports.ts";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import { decode } from "fast-png";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage } from "../support/browser.ts";
import { type Checkout, copyCheckout } from "../support/checkout.ts";
import { eventually } from "../support/eventually.ts";
import { mailsOf } from "../support/stack.ts";

/** A designer's day as the README tells it, in a copy of the checkout: change the theme, look, publish, roll back. */

const NEW_BRAND = "#1f5fb4";
/** A square that fills the mark's box, in whose corner the present mark has nothing. */
const NEW_BEARD = "M0 0 L32 0 L32 32 L0 32 Z";
const confirmations = mailSamples["customer/order_confirmation"];
const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const section = readme.slice(readme.indexOf("## A designer's day"), readme.indexOf("## How to change"));

let stack: Stack;
let browser: Browser;
let checkout: Checkout;
let ports: { mails: number; samples: number };

beforeAll(async () => {
  ports = { mails: await freePort(), samples: await freePort() };
  [stack, browser] = await Promise.all([startStack({ fresh: true, port: 0, quiet: true }), launchBrowser()]);
  checkout = copyCheckout({ BBWS_STATE: stack.folder });
  checkout.start(...told("npm run email"), "--", "--port", String(ports.mails), "--samples-port", String(ports.samples));
});
afterAll(async () => {
  await checkout?.remove();
  await browser?.close();
  await stack?.stop();
});

/** The words of a command after `npm run`; it must be one that the README names. */
function told(command: string): string[] {
  expect(section).toContain(`\`${command}\``);
  return command.split(" ").slice(2);
}

describe("a designer's day", () => {
  let mail: Page;
  let samples: Page;

  it("begins with what is there: published, and shown", async () => {
    expect(await checkout.run(...told("npm run templates -- publish"))).toContain(
      "is the current set now; the next mail is written from it",
    );
    expect(await nextMail()).toContain(colour.brand);
    mail = await shown(`http://127.0.0.1:${ports.mails}/preview/customer/order_confirmation/usual`);
    samples = await shown(`http://127.0.0.1:${ports.samples}/#documents/tax-invoice.pdf`);
    await untilMailShows(mail, colour.brand);
    for (const name of Object.keys(confirmations)) await mail.getByRole("link", { name, exact: true }).waitFor();
    const document = await sample("documents/tax-invoice.pdf");
    expect(await barOf(document)).toBe(rgb(colour.brand));
    expect(await cornerOfMarkIn(document)).toBe(rgb(colour.paper));
    expect(await cornerOfMark(mail)).toBe("rgba(0, 0, 0, 0)");
    expect(String(await sample("customer/order_confirmation/hostile.txt"))).toContain(confirmations.hostile.customerName);
  });

  it("shows hostile data as the text it is", async () => {
    await mail.getByRole("link", { name: "hostile", exact: true }).click();
    await mail.frameLocator("iframe").locator("h1", { hasText: confirmations.hostile.customerName }).waitFor();
    await mail.getByRole("link", { name: "usual", exact: true }).click();
    await mail.frameLocator("iframe").locator("h1", { hasText: confirmations.usual.customerName }).waitFor();
  });

  it("is not begun a second time on the same ports, and says so", async () => {
    const again = (...flags: string[]) => checkout.run(...told("npm run email"), "--", ...flags);
    await expect(again("--port", String(ports.mails))).rejects.toThrow(`port ${ports.mails} is taken`);
    const free = String(await freePort());
    await expect(again("--port", free, "--samples-port", String(ports.samples))).rejects.toThrow(`port ${ports.samples} is taken`);
  });

  it("says what is wrong while a module cannot be loaded, and goes on when it is mended", async () => {
    const file = join(checkout.folder, "emails/samples.ts");
    const sound = readFileSync(file, "utf8");
    writeFileSync(file, `${sound}\nthrow new Error("a slip of the pen");\n`);
    await samples.frameLocator("iframe").locator("body", { hasText: "a slip of the pen" }).waitFor();
    const drawnAgain = samples.waitForResponse((answer) => answer.url().includes("documents/tax-invoice.pdf") && answer.ok());
    writeFileSync(file, sound);
    await drawnAgain;
  });

  it("shows a new brand colour and a new mark in the open previews of mails and documents, as soon as the theme is saved", async () => {
    const drawnAgain = samples.waitForRequest(/documents\/tax-invoice\.pdf/);
    const theme = join(checkout.folder, "packages/core/src/theme.ts");
    writeFileSync(theme, readFileSync(theme, "utf8").replace(colour.brand, NEW_BRAND).replace(logo.beard, NEW_BEARD));
    await drawnAgain;
    await untilMailShows(mail, NEW_BRAND);
    const document = await sample("documents/tax-invoice.pdf");
    expect(await barOf(document)).toBe(rgb(NEW_BRAND));
    expect(await cornerOfMarkIn(document)).toBe(rgb(NEW_BRAND));
    expect(await cornerOfMark(mail)).toBe(rgb(NEW_BRAND));
    expect(String(await sample("customer/order_confirmation/usual.html"))).toContain(NEW_BRAND);
    expect(await nextMail()).toContain(colour.brand);
  });

  it("gives the next mail the new look once it is published", async () => {
    expect(await checkout.run(...told("npm run templates -- publish"))).toContain("is the current set now");
    const html = await nextMail();
    expect(html).toContain(NEW_BRAND);
    expect(html).not.toContain(colour.brand);
  });

  it("ends as it began when it is rolled back, though a component does not compile", async () => {
    const component = join(checkout.folder, "emails/customer/order_confirmation.tsx");
    writeFileSync(component, `${readFileSync(component, "utf8")}\n<p>`);
    await expect(checkout.run(...told("npm run templates -- publish"))).rejects.toThrow("order_confirmation.tsx");
    await checkout.run(...told("npm run templates -- rollback"));
    const html = await nextMail();
    expect(html).toContain(colour.brand);
    expect(html).not.toContain(NEW_BRAND);
    expect((await checkout.run(...told("npm run templates -- list"))).match(/^[0-9a-f]{12}\b/gm)).toHaveLength(2);
  });
});

/** The confirmation of an order placed now. */
async function nextMail(): Promise<string> {
  const answer = await fetch(`${stack.url}/v1.0/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      customerEmail: "thandi@example.com",
      items: [{ productId: "PROD-002", quantity: 1 }],
      billingAddress: { street: "1 Long Street", city: "Cape Town", postalCode: "8001" },
    }),
  });
  const { orderId } = ((await answer.json()) as { data: { orderId: string } }).data;
  const toCustomer = async () => (await mailsOf(stack, orderId)).find(({ to }) => to.includes("thandi@example.com"));
  return (await eventually(toCustomer)).html;
}

/** A page of the preview, as soon as it is served. */
async function shown(url: string): Promise<Page> {
  const { page } = await openPage(browser);
  await eventually(async () => (await page.goto(url)) ?? undefined);
  return page;
}

/** Until the bar over the mail's paper has this colour. */
async function untilMailShows(page: Page, wanted: string): Promise<void> {
  const paper = page.frameLocator("iframe").locator("td.paper");
  await eventually(async () => (await paper.evaluate((td) => getComputedStyle(td).borderTopColor)) === rgb(wanted) || undefined);
}

async function sample(path: string): Promise<Buffer> {
  const answer = await fetch(`http://127.0.0.1:${ports.samples}/${path}`);
  const body = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body}`);
  return body;
}

/** The colour of the mark's first cell, which is its corner. */
const cornerOfMark = (page: Page) =>
  page
    .frameLocator("iframe")
    .locator(".mark td")
    .first()
    .evaluate((td) => getComputedStyle(td).backgroundColor);

/** Pixels per inch at which one is two points. */
const RESOLUTION = 36;

const barOf = (pdf: Buffer) => colourAt(pdf, { left: 297, top: 2 });
const cornerOfMarkIn = (pdf: Buffer) => colourAt(pdf, { left: page.side + 2, top: page.top + 2 });

/** The colour of a place on the first page, in points. */
async function colourAt(pdf: Buffer, { left, top }: { left: number; top: number }): Promise<string> {
  const png = execFileSync("pdftoppm", ["-r", String(RESOLUTION), "-png", "-singlefile", "-"], { input: pdf });
  const { data, width, channels } = decode(png);
  const start = (Math.floor(top / 2) * width + Math.floor(left / 2)) * channels;
  return `rgb(${data.subarray(start, start + 3).join(", ")})`;
}

/** A six-digit hex colour as browsers write it. */
const rgb = (hex: string) => `rgb(${[...Buffer.from(hex.slice(1), "hex")].join(", ")})`;
