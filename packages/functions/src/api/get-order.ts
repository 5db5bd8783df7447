import { GetObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { systemClock } from "@bbws/core/clock.ts";
import { OrderError, ValidationError } from "@bbws/core/errors.ts";
import { type DocumentType, documentTypes, type Order } from "@bbws/core/order/order.ts";
import { orders as ordersOf } from "@bbws/core/order/orders.ts";
import { latestDocument } from "@bbws/core/order/status.ts";
import { entityTag, orderView, type PublicStatus } from "@bbws/core/order/view.ts";
import { verifyLink } from "@bbws/core/signed-link.ts";
import { handle } from "hono/aws-lambda";
import openapi from "../../../client/openapi.json" with { type: "json" };
import { bucketName, environment, signingKeys, tableName } from "../runtime/config.ts";
import { dynamodb } from "../runtime/dynamodb.ts";
import { s3 } from "../runtime/s3.ts";
import { hasRole, refuseSystem } from "./caller.ts";
import { authorizedCaller } from "./middleware/auth.ts";
import { type ApiContext, api, success } from "./middleware/envelope.ts";
import { noneMatch } from "./middleware/headers.ts";
import { isOrderId, orderNotFound, visibleOrder } from "./read.ts";

const orders = ordersOf({ client: dynamodb, table: tableName() }, systemClock);
const documents = bucketName("DocumentsBucket");
const keys = signingKeys();
const { STAGE, SERVICE_VERSION } = environment("STAGE", "SERVICE_VERSION");

/** Seconds a presigned URL lives: minted on the click, so that it never outlives the role's session. */
const PRESIGNED_SECONDS = 600;

export const app = api()
  .get("/v1.0/orders/:orderId", (c) => show(c, c.req.param("orderId")))
  .get("/v1.0/tenants/:tenantId/orders/:orderId", (c) => show(c, c.req.param("orderId"), c.req.param("tenantId")))
  .get("/v1.0/orders/:orderId/invoice", async (c) => {
    const order = await readableOrder(c, c.req.param("orderId"));
    return invoice(c, order);
  })
  .get("/v1.0/links/orders/:orderId/status", async (c) => {
    const orderId = c.req.param("orderId");
    verifyLink(keys, "status", orderId, c.req.query(), systemClock());
    const order = await orders.find(orderId);
    const status: PublicStatus = { orderId, orderNumber: order?.orderNumber ?? null, status: order?.status ?? "ACCEPTED" };
    return success(c, status);
  })
  .get("/v1.0/links/orders/:orderId/invoice", async (c) => {
    const orderId = c.req.param("orderId");
    verifyLink(keys, "invoice", orderId, c.req.query(), systemClock());
    const order = isOrderId(orderId) ? await orders.find(orderId) : undefined;
    if (!order?.active) throw orderNotFound();
    return invoice(c, order);
  })
  .get("/health", (c) => c.json({ status: "ok", service: "bbws-order", version: SERVICE_VERSION, stage: STAGE }))
  .get("/v1.0/openapi.json", (c) => c.json(openapi, 200, { "Cache-Control": "public, max-age=300" }));

async function show(c: ApiContext, orderId: string, tenantId?: string) {
  const order = await readableOrder(c, orderId, tenantId);
  const tag = entityTag(order);
  if (noneMatch(c, tag)) return c.body(null, 304, { ETag: tag });
  return success(c, orderView(order, authorizedCaller(c).roles), 200, { ETag: tag });
}

/** The order, unless it is soft-deleted and the caller is not an admin who asks for such. */
async function readableOrder(c: ApiContext, orderId: string, tenantId?: string): Promise<Order> {
  const caller = authorizedCaller(c);
  refuseSystem(caller);
  const order = await visibleOrder(orders, caller, { orderId, tenantId });
  if (order.active || (hasRole(caller, "Admin") && c.req.query("includeInactive") === "true")) return order;
  throw orderNotFound();
}

async function invoice(c: ApiContext, order: Order) {
  const type = wantedDocument(c, order);
  const key = type && order.documents[type]?.key;
  if (!key) throw new OrderError("INVOICE_NOT_READY", "The document is not ready yet; please try again", { retryAfterSeconds: 2 });
  const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: documents, Key: key }), { expiresIn: PRESIGNED_SECONDS });
  const expiresAt = new Date(systemClock().getTime() + PRESIGNED_SECONDS * 1000).toISOString();
  if (!asksForJson(c)) return c.redirect(url, 302);
  return success(c, { url, expiresAt, documentType: type });
}

function wantedDocument(c: ApiContext, order: Order): DocumentType | undefined {
  const type = c.req.query("type");
  if (type === undefined) return latestDocument(order.documents);
  const known = documentTypes.find((documentType) => documentType === type);
  if (known) return known;
  throw new ValidationError([{ field: "type", message: `type must be one of ${documentTypes.join(", ")}` }]);
}

/** A browser's click (any type welcome) is redirected; a client that names JSON gets the URL. */
const asksForJson = (c: ApiContext) => /\bapplication\/(?:[\w.-]+\+)?json\b/i.test(c.req.header("accept") ?? "");

export const handler = handle(app);
