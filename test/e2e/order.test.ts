import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { type Stack, startStack } from "@bbws/local/stack.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { pdfText } from "../support/pdf.ts";
import { clientsOf, mailsOf, token } from "../support/stack.ts";

/** One order's whole life through HTTP: accepted, recorded, documented, mailed, paid, invoiced, mailed again. */

const body = (email: string) => ({
  customerEmail: email,
  firstName: "Thandi",
  lastName: "Nkosi",
  company: "Nkosi Flowers",
  primaryPhone: "082 123 4567",
  items: [{ productId: "PROD-002", quantity: 1, unitPrice: 1, productName: "ignored" }],
  billingAddress: { street: "1 Long Street", city: "Cape Town", province: "Western Cape", postalCode: "8001", country: "za" },
  campaignCode: "summer2025",
});

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ fresh: true, port: 0, quiet: true });
});
afterAll(() => stack.stop());

const call = async (method: string, path: string, options: { token?: string; body?: unknown; headers?: Record<string, string> } = {}) => {
  const answer = await fetch(stack.url + path, {
    method,
    redirect: "manual",
    headers: {
      ...(options.body !== undefined && { "content-type": "application/json" }),
      ...(options.token && { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
};

const storedItem = async (orderId: string) => {
  const { dynamodb } = clientsOf(stack);
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: stack.table,
      IndexName: "OrderByIdIndex",
      KeyConditionExpression: "GSI2_PK = :pk",
      ExpressionAttributeValues: { ":pk": { S: `ORDER#${orderId}` } },
    }),
  );
  return Items[0] && unmarshall(Items[0]);
};

describe("an order of a signed-in tenant", () => {
  const email = "thandi@example.com";
  let customer: string;
  let orderId: string;

  it("is accepted with its price and a Location", async () => {
    customer = await token(stack, { tenantId: "tenant-e2e", roles: "Customer", sub: "user-1" });
    const answer = await call("POST", "/v1.0/orders", { token: customer, body: body(email) });
    expect(answer.status).toBe(202);
    orderId = answer.body.data.orderId;
    expect(answer.headers.get("location")).toBe(`/v1.0/orders/${orderId}`);
    expect(answer.body.data).toMatchObject({ status: "PENDING", subtotal: 1200, discount: 300, tax: 180, total: 1380, currency: "ZAR" });
  });

  it("is recorded under exactly the keys of the data model", async () => {
    const item = await eventually(() => storedItem(orderId));
    expect(item).toMatchObject({
      PK: "TENANT#tenant-e2e",
      SK: `ORDER#${orderId}`,
      GSI1_PK: "TENANT#tenant-e2e",
      GSI1_SK: `${item.dateCreated}#${orderId}`,
      GSI2_PK: `ORDER#${orderId}`,
      GSI2_SK: "METADATA",
      id: orderId,
      orderNumber: expect.stringMatching(/^ORD-\d{4}-00001$/),
      tenantId: "tenant-e2e",
      source: "api",
      createdBy: "user-1",
      customerEmail: email,
      primaryPhone: "+27821234567",
      subtotal: 120000,
      discount: 30000,
      tax: 18000,
      total: 138000,
      taxRate: 1500,
      status: "PENDING",
      active: true,
      campaign: expect.objectContaining({ code: "SUMMER2025", discountPercentage: 20 }),
      billingAddress: { street: "1 Long Street", city: "Cape Town", province: "Western Cape", postalCode: "8001", country: "ZA" },
    });
    expect(item.items).toEqual([
      expect.objectContaining({ productId: "PROD-002", quantity: 1, unitPrice: 150000, discount: 30000, subtotal: 120000 }),
    ]);
  });

  it("gets its order document, stored and readable", async () => {
    const item = await eventually(async () => ((await storedItem(orderId))?.documents.order ? storedItem(orderId) : undefined));
    const { key } = item!.documents.order;
    expect(key).toBe(`tenant-e2e/orders/${orderId}.pdf`);
    const { s3 } = clientsOf(stack);
    const object = await s3.send(new GetObjectCommand({ Bucket: stack.buckets.DocumentsBucket!, Key: key }));
    expect(object.ContentType).toBe("application/pdf");
    const text = await pdfText(await object.Body!.transformToByteArray());
    expect(text).toContain(item!.orderNumber);
    expect(text).toContain("Nkosi Flowers");
    expect(text).toContain("R1,380.00");
    expect(text).not.toContain("Tax Invoice");
  });

  it("is mailed to the customer and to staff", async () => {
    const mails = await eventually(async () => {
      const found = await mailsOf(stack, orderNumberOf(await storedItem(orderId)));
      return found.length === 2 ? found : undefined;
    });
    const number = orderNumberOf(await storedItem(orderId));
    const confirmation = mails.find((mail) => mail.to.includes(email))!;
    expect(confirmation).toMatchObject({ subject: `Order Confirmation - #${number}`, replyTo: expect.anything() });
    expect(confirmation.html).toContain("R1,380.00");
    expect(confirmation.text).toContain("R1,380.00");
    expect(confirmation.attachments).toEqual([]);
    const internal = mails.find((mail) => !mail.to.includes(email))!;
    expect(internal.subject).toBe(`New Order Received: ${number}`);
    expect(internal.to).toEqual(["support@kimmyai.io", "sales@kimmyai.io"]);
  });

  it("lets the mailed link open the document without a token", async () => {
    const [mail] = (await mailsOf(stack, orderNumberOf(await storedItem(orderId)))).filter(({ to }) => to.includes(email));
    const link = /href="([^"]*\/v1\.0\/links\/orders\/[^"]*\/invoice\?[^"]*)"/.exec(mail!.html)![1]!.replaceAll("&amp;", "&");
    const answer = await fetch(link, { redirect: "manual" });
    expect(answer.status).toBe(302);
    const pdf = await fetch(answer.headers.get("location")!);
    expect(
      Buffer.from(await pdf.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
  });

  it("becomes PAID once, with a tax invoice that is mailed as an attachment", async () => {
    const system = await token(stack, { roles: "System", sub: "payments" });
    const payment = { paymentReference: "PAY-E2E-1", paymentMethod: "CARD", paymentAmount: 1380, paymentCurrency: "ZAR" };
    const path = `/v1.0/orders/${orderId}/paymentconfirmation`;
    const first = await call("POST", path, { token: system, body: payment });
    expect(first.status).toBe(200);
    expect(first.body.data).toMatchObject({ id: orderId, status: "PAID", invoiceNumber: expect.stringMatching(/^INV-\d{4}-00001$/) });
    const again = await call("POST", path, { token: system, body: payment });
    expect(again.body).toEqual(first.body);

    const invoiceNumber = first.body.data.invoiceNumber;
    const mail = await eventually(async () => (await mailsOf(stack, invoiceNumber)).find(({ to }) => to.includes(email)));
    expect(mail.subject).toBe(`Payment Received - Tax Invoice ${invoiceNumber}`);
    expect(mail.attachments).toHaveLength(1);
    expect(mail.attachments[0]).toMatchObject({ filename: `${invoiceNumber}.pdf`, contentType: "application/pdf" });
    const text = await pdfText(Buffer.from(mail.attachments[0]!.contentBase64, "base64"));
    expect(text).toContain("Tax Invoice");
    expect(text).toContain(invoiceNumber);
    expect(text).toContain("PAY-E2E-1");

    const order = await call("GET", `/v1.0/orders/${orderId}`, { token: customer });
    expect(order.body.data).toMatchObject({ status: "PAID", total: 1380, allowedStatuses: [] });
    expect(order.body.data.documents.map(({ type }: { type: string }) => type)).toEqual(["order", "taxInvoice"]);
    expect(order.headers.get("etag")).toBe('"2-2"');
  });
});

describe("a guest's order", () => {
  it("is recorded under a tenant made for the e-mail, and followed by its status link alone", async () => {
    const answer = await call("POST", "/v1.0/orders", { body: { ...body("guest@example.com"), campaignCode: undefined } });
    expect(answer.status).toBe(202);
    expect(JSON.stringify(answer.body)).not.toContain("tenant");
    const { orderId, statusUrl } = answer.body.data;
    const status = await eventually(async () => {
      const { body: seen } = await call("GET", statusUrl);
      return seen.data.status === "PENDING" ? seen.data : undefined;
    });
    expect(status).toEqual({ orderId, orderNumber: expect.stringMatching(/^ORD-/), status: "PENDING" });
    expect(await storedItem(orderId)).toMatchObject({ source: "guest", tenantId: expect.stringMatching(/^tenant_/), total: 172500 });
  });
});

const orderNumberOf = (item: Record<string, unknown> | undefined) => String(item!.orderNumber);
