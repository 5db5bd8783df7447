import { type Stack, startStack } from "@bbws/local/stack.ts";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessibilityFindings, launchBrowser, openPage, untilDrawn, type WatchedPage } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { mailsOf } from "../support/stack.ts";

/** The journey page as somebody in front of it meets it: through its words, its buttons and the keyboard. */

let stack: Stack;
let browser: Browser;
let watched: WatchedPage;
let page: Page;

const DESKTOP = { width: 1440, height: 1000 };

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack({ fresh: true, port: 0, quiet: true, timeScale: 20 }), launchBrowser()]);
  watched = await openPage(browser, { viewport: DESKTOP });
  page = watched.page;
  page.setDefaultTimeout(30_000);
  await page.goto(stack.url);
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

/** Widths and colours of the page. */
const looks = [
  { width: 1440, colorScheme: "light" },
  { width: 1440, colorScheme: "dark" },
  { width: 375, colorScheme: "light" },
  { width: 375, colorScheme: "dark" },
] as const;

/** No accessibility finding, and no sideways scrolling. */
async function expectOpenToEverybody({ width, colorScheme }: (typeof looks)[number]): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
  expect(await accessibilityFindings(page)).toEqual([]);
  expect(await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth)).toBe(0);
}

const journey = () => page.locator(".journey");
const viewer = () => page.locator(".viewer");
const button = (name: string | RegExp, within: Page | Locator = page) => within.getByRole("button", { name });
/** A step's row when it is done. */
const done = (label: string) => journey().locator(".step-done", { hasText: label });
const title = () => page.locator("#journey-title");

/** Until the new order is the one that is shown. */
async function submitOrder(): Promise<void> {
  const placed = await page.locator(".list-row").count();
  await button("Place order").click();
  await eventually(async () => ((await page.locator(".list-row").count()) === placed + 1 ? true : undefined), 30_000);
}

/** Presses Tab until the control has the focus. @param most presses that may take */
async function tabTo(control: Locator, most: number): Promise<void> {
  const focused = () => control.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press("Tab");
    if (await focused()) return;
  }
  throw new Error(`not reached with ${most} presses of Tab: ${control}`);
}

/** Redrives the one letter of InvoiceQueue while documents still fail: until another is there, and the page has seen it. */
async function diesAgainAfter(redrive: () => Promise<void>): Promise<void> {
  const letters = async () => {
    const answer = await fetch(`${stack.url}/_local/dead-letters?queue=InvoiceQueue`);
    return ((await answer.json()) as { messageId: string }[]).map(({ messageId }) => messageId);
  };
  const [before] = await letters();
  await redrive();
  await eventually(async () => (await letters()).some((messageId) => messageId !== before) || undefined, 30_000);
  // The second look began after the letter was there.
  for (let look = 0; look < 2; look++) await page.waitForResponse(/dead-letters\?queue=InvoiceQueue/);
}

async function placeOrder(): Promise<void> {
  await submitOrder();
  await journey().locator(".step-done", { hasText: "Notice to support and sales" }).waitFor();
  await done("Confirmation to the customer").waitFor();
  await done("Order document").waitFor();
}

describe("a customer's order on the page", () => {
  it("shows its price before it is placed", async () => {
    await page.getByLabel("Campaign").selectOption("SUMMER2025");
    await page.locator(".quote-total", { hasText: "R1,380.00" }).waitFor();
    expect(await page.locator(".quote").textContent()).toMatch(
      /R1,500\.00[\s\S]*−R300\.00[\s\S]*R1,200\.00[\s\S]*R180\.00[\s\S]*R1,380\.00/,
    );
  });

  it("moves step by step to its number, its document and its mails, and says so", async () => {
    await placeOrder();
    expect(await title().textContent()).toMatch(/^ORD-\d{4}-00001$/);
    expect(await journey().textContent()).toContain("thandi@nkosiflowers.example");
    expect(await journey().locator(".step").count()).toBe(5);
    expect(await page.locator("[aria-live=polite]").textContent()).not.toBe("");
  });

  it("shows the order document inline", async () => {
    await viewer().locator(".pdf-text", { hasText: "Nkosi Flowers" }).waitFor({ state: "attached" });
    await untilDrawn(viewer().locator("canvas"));
  });

  it("shows a mail inline, in a frame that runs no script", async () => {
    await button("Mail: Confirmation to the customer").click();
    const frame = viewer().locator("iframe");
    expect(await frame.getAttribute("sandbox")).not.toContain("allow-scripts");
    const body = viewer().frameLocator("iframe").locator("body");
    await body.getByText("R1,380.00").filter({ visible: true }).first().waitFor();
    await button("Plain text", viewer()).click();
    expect(await viewer().locator("pre").textContent()).toContain("R1,380.00");
  });

  it("is paid, and opens the tax invoice out of the receipt", async () => {
    await button("Confirm payment").click();
    await done("Receipt with tax invoice to the customer").waitFor();
    await done("Notice of payment to staff").waitFor();
    await viewer().locator(".pdf-text", { hasText: "Tax Invoice" }).waitFor({ state: "attached" });
    await button("Mail: Receipt with tax invoice to the customer").click();
    await button(/^INV-\d{4}-00001\.pdf$/, viewer()).click();
    await viewer().locator(".pdf-text", { hasText: "Tax Invoice" }).waitFor({ state: "attached" });
    await button("Back to the mail", viewer()).click();
    await viewer()
      .getByRole("heading", { name: /Payment Received/ })
      .waitFor();
  });

  it("is paid once, however often the payment is confirmed", async () => {
    const before = (await mailsOf(stack)).length;
    await button("Confirm the same payment again").click();
    await page.getByRole("status").filter({ hasText: "Nothing was written" }).waitFor();
    expect(await mailsOf(stack)).toHaveLength(before);
  });

  it("goes on to work, completion and refund with its credit note", async () => {
    await button("Start work").click();
    await button("Complete").click();
    await button("Refund").click();
    await done("Credit note").waitFor();
    await viewer().locator(".pdf-text", { hasText: "Credit Note" }).waitFor({ state: "attached" });
    expect(await journey().getByRole("heading", { level: 3 }).allInnerTexts()).toEqual([
      expect.stringContaining("Ordered"),
      expect.stringContaining("Paid"),
      expect.stringContaining("In progress"),
      expect.stringContaining("Completed"),
      expect.stringContaining("Refunded"),
    ]);
  });
});

describe("other orders on the page", () => {
  it("are placed by keyboard alone, as a guest", async () => {
    await page.reload();
    await title().filter({ hasText: /^ORD-/ }).waitFor();
    const customer = page.getByRole("radio", { name: "Customer" });
    // From the top of the page: past the links of its head to the form.
    await tabTo(customer, 10);
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("radio", { name: "Guest" }).isChecked()).toBe(true);
    await tabTo(button("Place order"), 1);
    await page.keyboard.press("Enter");
    await page.locator("#journey-title:focus").waitFor();
    await done("Confirmation to the customer").waitFor();
    expect(await journey().textContent()).toContain("Guest order");
  });

  it("are cancelled with a reason and a mail", async () => {
    await button("Cancel").click();
    await done("Cancellation to the customer").waitFor();
    await done("Notice of cancellation to staff").waitFor();
    expect(await journey().textContent()).toContain("Changed my mind");
  });

  it("expire when their time runs out", async () => {
    await placeOrder();
    await button("Let its time run out").click();
    await done("Expired recorded").waitFor();
    await done("News to the customer").waitFor();
  });

  it("are refused in words when a campaign is over", async () => {
    await page.getByLabel("Campaign").selectOption("WINTER2024");
    await button("Place order").click();
    await page.getByRole("status").filter({ hasText: "CAMPAIGN_INVALID" }).waitFor();
    await page.getByLabel("Campaign").selectOption("SUMMER2025");
  });

  it("stay listed over a reload", async () => {
    const numbers = page.locator(".list-number");
    expect(await numbers.count()).toBe(3);
    await page.reload();
    await page.locator(".list-number", { hasText: /-00001$/ }).waitFor();
    await page.locator(".list-row", { hasText: /-00001/ }).click();
    await journey()
      .getByRole("heading", { name: /Refunded/ })
      .waitFor();
  });
});

describe("a broken service on the page", () => {
  it("heals by itself: the mail goes out later, once", async () => {
    await page.getByLabel("Mail: calls to fail").selectOption("1");
    await button("Break mail").click();
    await button("Heal mail").waitFor();
    await placeOrder();
    await button("Break mail").waitFor();
    const number = (await title().textContent()) ?? "";
    const mails = await mailsOf(stack, number);
    expect(mails).toHaveLength(2);
  });

  it("gives a message up and shows the dead letter", async () => {
    await page.getByLabel("Give up after the first failure").check();
    await page.getByLabel("Documents: calls to fail").selectOption("1000000");
    await button("Break documents").click();
    await button("Heal documents").waitFor();
    await submitOrder();
    const stopped = journey().locator(".step-stopped", { hasText: "Order document" });
    await stopped.getByText("dead letter").waitFor();
    await page.getByRole("heading", { name: "1 dead letter of InvoiceQueue" }).waitFor();
  });

  it.each(looks)("shuts nobody out meanwhile at $width px, $colorScheme", async (look) => {
    await expectOpenToEverybody(look);
  });

  it("redrives every letter of a queue, and says how many", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(DESKTOP);
    await diesAgainAfter(() => button("Redrive all").click());
    await page.getByRole("status").filter({ hasText: "1 dead letter sent to InvoiceQueue again." }).waitFor();
  });

  it("redrives one letter of the list", async () => {
    await diesAgainAfter(() => button(/^Redrive order\.recorded/).click());
  });

  it("redrives the dead letter of a step once it is healed", async () => {
    await button("Heal documents").click();
    await button("Break documents").waitFor();
    await button("Redrive: Order document").click();
    await journey().getByRole("status").filter({ hasText: "1 dead letter sent to InvoiceQueue again." }).waitFor();
    await done("Order document").waitFor();
    await eventually(async () => ((await page.locator(".letters").count()) === 0 ? true : undefined));
    await page.getByLabel("Give up after the first failure").uncheck();
    await viewer()
      .locator(".pdf-text", { hasText: (await title().textContent()) ?? "" })
      .waitFor({ state: "attached" });
  });
});

describe("the page for everybody", () => {
  const document = "PDF: Order document";
  const mail = "Mail: Confirmation to the customer";
  it.each(looks.map((look, i) => ({ ...look, opened: [document, mail, mail, document][i]! })))(
    "has no accessibility finding and no sideways scrolling at $width px, $colorScheme",
    async ({ opened, ...look }) => {
      await page.setViewportSize({ width: look.width, height: 900 });
      await button(opened).click();
      await viewer().locator("h3").waitFor();
      await expectOpenToEverybody(look);
    },
  );

  it("never made the browser complain, and asked nobody but this machine", () => {
    // The refused campaign is an answer the browser reports by itself.
    expect(watched.complaints.filter((text) => !text.includes("status of 400"))).toEqual([]);
  });
});
