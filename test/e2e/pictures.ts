/**
 * `npm run pictures`: takes the README's pictures of the page, the tax invoice and the confirmation mail from a real run,
 * into `docs/pictures`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { launchBrowser, openPage, untilDrawn } from "../support/browser.ts";
import { compact } from "../support/picture.ts";
import { mailsOf } from "../support/stack.ts";

const folder = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const DESKTOP = { width: 1440, height: 1040 };
const PHONE = { width: 375, height: 812 };
/** Between the page's two break points the viewer is widest. */
const READING = { width: 1100, height: 1200 };
const MAIL = { width: 680, height: 900 };

mkdirSync(folder, { recursive: true });
const [stack, browser] = await Promise.all([startStack({ fresh: true, port: 0, quiet: true }), launchBrowser()]);
try {
  await takeAll(stack, browser);
} finally {
  await browser.close();
  await stack.stop();
}

async function takeAll({ url }: Stack, chromium: Browser): Promise<void> {
  await withPage(chromium, { viewport: DESKTOP }, async (page) => {
    // The first order wakes every function; the second shows what a journey takes.
    await order(page, url);
    await order(page, url);
    await pay(page);
    save("page.png", await page.screenshot({ animations: "disabled" }));
    await page.emulateMedia({ colorScheme: "dark" });
    save("page-dark.png", await page.screenshot({ animations: "disabled" }));
  });
  await withPage(chromium, { viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true }, async (page) => {
    await order(page, url);
    await page.locator("#journey-title").evaluate((title) => title.closest("section")?.scrollIntoView());
    save("page-phone.png", await page.screenshot({ animations: "disabled" }));
  });
  await withPage(chromium, { viewport: READING, deviceScaleFactor: 2 }, async (page) => {
    await order(page, url);
    await pay(page);
    const drawn = await page.locator(".viewer canvas").evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL("image/png"));
    save("tax-invoice.png", Buffer.from(drawn.slice(drawn.indexOf(",") + 1), "base64"));
  });
  const confirmation = (await mailsOf({ url }, "Order Confirmation")).at(-1);
  if (!confirmation) throw new Error("no confirmation mail was sent");
  await withPage(chromium, { viewport: MAIL, deviceScaleFactor: 2 }, async (page) => {
    await page.setContent(confirmation.html);
    save("confirmation-mail.png", await page.screenshot({ fullPage: true }));
  });
}

async function withPage(chromium: Browser, options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const { page, complaints, close } = await openPage(chromium, options);
  await work(page);
  await close();
  if (complaints.length > 0) throw new Error(`the browser complained: ${complaints.join("; ")}`);
}

async function order(page: Page, url: string): Promise<void> {
  if (page.url() === "about:blank") await page.goto(url);
  const placed = await page.locator(".list-row").count();
  await page.getByRole("button", { name: "Place order" }).click();
  await page.locator(".list-row").nth(placed).waitFor();
  await stepsDone(page, 5, "Order");
}

async function pay(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Confirm payment" }).click();
  await stepsDone(page, 9, "Tax Invoice");
}

/** Until the steps are done and the viewer has drawn a document that names its kind. */
async function stepsDone(page: Page, count: number, document: string): Promise<void> {
  await page
    .locator(".step-done")
    .nth(count - 1)
    .waitFor();
  await page.locator(".pdf-text", { hasText: document }).waitFor({ state: "attached" });
  await untilDrawn(page.locator(".viewer canvas").first());
}

function save(name: string, png: Uint8Array): void {
  writeFileSync(`${folder}${name}`, compact(png));
  console.log(`docs/pictures/${name}`);
}
