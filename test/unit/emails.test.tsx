import type { MailTemplate } from "@bbws/core/mail/mails.ts";
import type { Template } from "@bbws/core/mail/template-store.ts";
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { checkTemplate } from "@bbws/core/mail/templates/check-template.ts";
import { mailFields } from "@bbws/core/mail/templates/fields.ts";
import { type MailData, mailData, mailTemplates, orderMailData } from "@bbws/core/mail/templates/mail-data.ts";
import { merge } from "@bbws/core/mail/templates/merge.ts";
import { orderStatuses } from "@bbws/core/order/order.ts";
import { coverage } from "@bbws/emails/components/coverage.ts";
import { renderPreview, renderTemplates } from "@bbws/emails/render.tsx";
import { samples, supplier } from "@bbws/emails/samples.ts";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { orderIn } from "../support/order.ts";

const cases = Object.entries(samples).flatMap(([key, byName]) =>
  Object.entries(byName).map(([name, data]) => ({ key: key as MailTemplate, name, data: data as MailData })),
);
const template = (key: MailTemplate) => bundledTemplates.templates[key];
const merged = ({ key, data }: (typeof cases)[number]) => merge(template(key), data);

describe("the bundled templates", () => {
  it("are what the components publish (npm run templates:build)", async () => {
    expect(await renderTemplates()).toEqual(bundledTemplates);
  });

  it.each(mailTemplates)("%s may be published: every tag is in its data", (key) => {
    expect(checkTemplate(key, template(key), mailFields[key])).toEqual([]);
  });
});

describe("a mail", () => {
  it.each(cases)("$key ($name) merged is the component rendered with the same data", async (of) => {
    expect(merged(of).html).toBe(await renderPreview(of.key, of.data));
  });

  it.each(cases)("$key ($name) has data of its schema and no tag is left", (of) => {
    expect(v.is(mailData[of.key] as v.GenericSchema, of.data)).toBe(true);
    if (of.name === "hostile") return;
    expect(JSON.stringify(merged(of)).match(/.{0,40}(\{\{|undefined|\[object)/g)).toBeNull();
  });

  it.each(cases)("$key ($name) says its language, hides its preheader, and asks the network for nothing", (of) => {
    const { html } = merged(of);
    expect(html).toMatch(/<html[^>]* lang="en-ZA"/);
    expect(html).toMatch(/<title>[^<]+<\/title>/);
    expect(html).toContain('<div style="display:none;');
    expect(html).not.toMatch(/<(img|script|iframe|object|link|form)\b/i);
    expect(html).not.toMatch(/\bon\w+="/i);
  });

  it.each(cases)("$key ($name) has absolute links only", (of) => {
    const links = [...merged(of).html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toMatch(/^(https:\/\/[a-z.-]+\.io\/|mailto:[^"]+@)/);
  });

  it("never reads customer text as markup or as a template", () => {
    for (const of of cases.filter(({ name }) => name === "hostile")) {
      const { html } = merged(of);
      expect(html).not.toContain("<script>alert");
      expect(html).not.toContain("</p><h1>{{");
      expect(html).not.toContain("<style>body");
    }
    const { html, text } = merge(template("customer/payment_received"), samples["customer/payment_received"].hostile);
    expect(html).toContain("&lt;/p&gt;&lt;h1&gt;{{total}}&lt;/h1&gt;");
    expect(text).toContain("</p><h1>{{total}}</h1>");
  });

  it("has a subject of one line, whatever is in the data", () => {
    const data = { ...samples["customer/order_confirmation"].usual, orderNumber: "ORD-1\r\nBcc: everyone@example.com\u0000" };
    expect(merge(template("customer/order_confirmation"), data).subject).toBe("Order Confirmation - #ORD-1 Bcc: everyone@example.com");
  });

  it.each([
    ["customer/order_confirmation", "usual", "Order Confirmation - #ORD-2026-00042"],
    ["customer/order_status_update", "processing", "Order #ORD-2026-00042 - Status Update: Processing"],
    ["customer/order_cancelled", "usual", "Order #ORD-2026-00042 Cancelled"],
    ["customer/payment_received", "usual", "Payment Received - Tax Invoice INV-2026-00017"],
    ["internal/order_notification", "created", "New Order Received: ORD-2026-00042"],
    ["internal/order_notification", "paid", "Order Paid: ORD-2026-00042"],
    ["internal/order_notification", "cancelled", "Order Cancelled: ORD-2026-00042"],
    ["internal/order_notification", "refunded", "Order Refunded: ORD-2026-00042"],
  ] as const)("%s (%s) has the subject %s", (key, name, subject) => {
    expect(merged(cases.find((of) => of.key === key && of.name === name)!).subject).toBe(subject);
  });

  it("says the same in its text part: amounts, links, and nothing but text", () => {
    const { text } = merged(cases[0]!);
    for (const said of [
      "Thank you, Thandi",
      "1 x Basic WordPress hosting at R1,500.00, less R300.00: R1,200.00\n2 x Entry hosting at R95.00: R190.00\n\nBefore discount: R1,690.00",
      "Discount SUMMER2025, 20%: −R300.00",
      "Subtotal excl. VAT: R1,390.00",
      "VAT 15%: R208.50",
      "Total incl. VAT: R1,598.50",
      "View your order: https://portal.kimmyai.io/orders/order_",
      "Reference: ORD-2026-00042",
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toMatch(/<[a-z]|&amp;|\n{3}/);
  });

  it("leaves out what there is nothing to say about", () => {
    const { html, text } = merge(template("customer/order_confirmation"), samples["customer/order_confirmation"].short);
    for (const part of [html, text]) {
      expect(part).not.toContain("discount");
      expect(part).not.toContain("purchase order");
      expect(part).toContain("Thank you");
      expect(part).not.toContain("Thank you,");
    }
  });

  it("asks for a transfer only who chose it, and offers it to everybody else", () => {
    const textOf = (name: "usual" | "short") =>
      merge(template("customer/order_confirmation"), samples["customer/order_confirmation"][name]).text;
    expect(textOf("short")).toContain("Please transfer the amount to this account by 1 December 2026; after that");
    expect(textOf("usual")).toContain("Your payment method: PayFast. If you would rather pay by bank transfer");
  });

  it("keeps what a customer wrote in its own direction of writing, within our words", () => {
    const hostile = (key: MailTemplate) => merged(cases.find((of) => of.key === key && of.name === "hostile")!).html;
    for (const key of mailTemplates.filter((each) => each.startsWith("customer/"))) {
      expect(hostile(key)).toMatch(/(Hi |, )<span dir="auto">\u05e9\u05dc\u05d5\u05dd /);
    }
    expect(hostile("customer/order_cancelled")).toContain('<span dir="auto">\u05d8\u05e2\u05d5\u05ea, ');
    expect(hostile("customer/payment_received")).toMatch(/<span [^>]*dir="auto"[^>]*>\u05d0\u05d9\u05e8\u05d5\u05d7 /);
  });

  it("does not borrow the order's discount for a line that has none", () => {
    const { html } = merge(template("customer/order_confirmation"), samples["customer/order_confirmation"].usual);
    expect(html.match(/, less /g)).toHaveLength(1);
  });

  it.each(orderStatuses)("about an order that is %s has one headline", (status) => {
    const of = orderMailData(orderIn(status), { template: "customer/order_status_update", status }, links);
    const { html } = merge(template("customer/order_status_update"), of);
    expect(html.match(/<h1/g)).toHaveLength(1);
  });
});

describe("the mark in a mail", () => {
  const grid = { box: 4, cells: 4 };

  it("covers the cells inside its path wholly, those on its edge by half, and none outside", () => {
    expect(coverage("M1 1 L3.5 1 L3.5 3 L1 3 Z", grid)).toEqual([
      [0, 0, 0, 0],
      [0, 1, 1, 0.5],
      [0, 1, 1, 0.5],
      [0, 0, 0, 0],
    ]);
  });

  it("follows curves, and leaves out what a second outline encloses", () => {
    expect(coverage("M0 4 C0 0 4 0 4 4 Z", grid)[3]).toEqual([1, 1, 1, 1]);
    expect(coverage("M0 4 C0 0 4 0 4 4 Z", grid)[0]).toEqual([0, 0, 0, 0]);
    expect(coverage("M0 0 L4 0 L4 4 L0 4 Z M1 1 L3 1 L3 3 L1 3 Z", grid)[1]).toEqual([1, 0, 0, 1]);
  });

  it("refuses a path it cannot follow, by its command", () => {
    expect(() => coverage("M0 0 h4 v4 z", grid)).toThrow("not one with h");
  });
});

const links = { supplier, portalUrl: "https://portal.kimmyai.io", adminUrl: "https://admin.kimmyai.io" };

describe("a mail's data", () => {
  it("speaks of the mail's own status, not of the order's present one", () => {
    const data = orderMailData(orderIn("COMPLETED"), { template: "customer/order_status_update", status: "PROCESSING" }, links);
    expect(data).toMatchObject({ status: "Processing", is: { processing: true, completed: false } });
  });

  it("has every field of its schema present, so that a template never finds a namesake further out", () => {
    for (const key of mailTemplates) {
      const data = orderMailData(orderIn("PENDING"), { template: key, status: "PENDING" }, links) as Record<string, unknown>;
      expect(Object.keys(data).sort()).toEqual(Object.keys(mailData[key].entries).sort());
    }
  });

  it("takes the reason of a cancellation from the history, else from the order", () => {
    const reasonOf = (order: ReturnType<typeof orderIn>) =>
      orderMailData(order, { template: "customer/order_cancelled", status: "CANCELLED" }, links).reason;
    const order = orderIn("CANCELLED", { cancellationReason: "Changed my mind" });
    expect(reasonOf(order)).toBe("Changed my mind");
    order.statusHistory.at(-1)!.reason = "Ordered twice";
    expect(reasonOf(order)).toBe("Ordered twice");
  });
});

describe("the check before publishing", () => {
  const problems = (part: Partial<Template>) =>
    checkTemplate("customer/order_confirmation", { subject: "", html: "", text: "", ...part }, mailFields["customer/order_confirmation"]);

  it.each([
    [{ subject: "{{invoiceNumber}}" }, "customer/order_confirmation subject: {{invoiceNumber}} is not in the mail's data"],
    [{ html: "{{supplier.fax}}" }, "customer/order_confirmation html: {{supplier.fax}} is not in the mail's data"],
    [{ html: "{{#lines}}{{orderNumber}}{{/lines}}" }, "customer/order_confirmation html: {{orderNumber}} is not in the mail's data"],
    [{ text: "{{{orderNumber}}}" }, "customer/order_confirmation text: {{{orderNumber}}} would be merged unescaped"],
    [{ html: "{{toString}}" }, "customer/order_confirmation html: {{toString}} is not in the mail's data"],
    [{ html: "{{lines}}" }, "customer/order_confirmation html: {{lines}} is not a text"],
    [{ html: "{{> footer}}" }, "customer/order_confirmation html: {{>footer}} is not supported"],
  ])("refuses %j", (part, problem) => {
    expect(problems(part)).toEqual([problem]);
  });

  it("refuses what Mustache cannot read, with its words", () => {
    expect(problems({ html: "{{#lines}}" })).toEqual([expect.stringContaining('Unclosed section "lines"')]);
  });

  it("passes fields, lists, conditions and their opposites", () => {
    expect(
      problems({
        html: "{{orderNumber}}{{#lines}}{{name}}{{#discount}}-{{discount}}{{/discount}}{{/lines}}{{^campaign}}{{total}}{{/campaign}}",
      }),
    ).toEqual([]);
  });
});
