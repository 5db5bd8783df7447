import { CustomAttributeType, Entity } from "electrodb";
import { entityOptions, key, type Table } from "../table.ts";
import type { AcceptedOrder, BillingAddress, CampaignSnapshot, Documents, OrderItem, PaymentDetails, StatusChange } from "./order.ts";

/**
 * How an order lies in the table (data.md). The valibot schema in order.ts is the one description of its shape; here
 * stand only names, keys and what must never change after creation.
 */
export const orderEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "Order", version: "1", service: "bbws-order" },
      attributes: {
        id: { type: "string", required: true, readOnly: true },
        tenantId: { type: "string", required: true, readOnly: true },
        orderNumber: { type: "string", required: true, readOnly: true },
        source: { type: CustomAttributeType<AcceptedOrder["source"]>("string"), required: true, readOnly: true },
        customerEmail: { type: "string", required: true },
        firstName: { type: "string" },
        lastName: { type: "string" },
        company: { type: "string" },
        primaryPhone: { type: "string" },
        notes: { type: "string" },
        purchaseOrderNumber: { type: "string" },
        items: { type: CustomAttributeType<OrderItem[]>("any"), required: true, readOnly: true },
        subtotal: { type: "number", required: true, readOnly: true },
        discount: { type: "number", required: true, readOnly: true },
        tax: { type: "number", required: true, readOnly: true },
        total: { type: "number", required: true, readOnly: true },
        taxRate: { type: "number", required: true, readOnly: true },
        currency: { type: CustomAttributeType<"ZAR">("string"), required: true, readOnly: true },
        campaign: { type: CustomAttributeType<CampaignSnapshot>("any"), readOnly: true },
        attribution: { type: CustomAttributeType<NonNullable<AcceptedOrder["attribution"]>>("any"), readOnly: true },
        billingAddress: { type: CustomAttributeType<BillingAddress>("any"), required: true },
        paymentMethod: { type: CustomAttributeType<AcceptedOrder["paymentMethod"]>("string"), required: true },
        status: { type: CustomAttributeType<StatusChange["status"]>("string"), required: true },
        statusHistory: { type: CustomAttributeType<StatusChange[]>("any"), required: true },
        paymentDetails: { type: CustomAttributeType<PaymentDetails>("any") },
        cancellationReason: { type: "string" },
        documents: { type: CustomAttributeType<Documents>("any"), required: true },
        createdBy: { type: "string", required: true },
        lastUpdatedBy: { type: "string", required: true },
        dateCreated: { type: "string", required: true, readOnly: true },
        dateLastUpdated: { type: "string", required: true },
        active: { type: "boolean", required: true },
        version: { type: "number", required: true },
        /** Of the request that changed the order last: events carry it on. */
        correlationId: { type: "string" },
      },
      indexes: {
        byTenant: { pk: key("PK", ["tenantId"], "TENANT#${tenantId}"), sk: key("SK", ["id"], "ORDER#${id}") },
        byDate: {
          index: "OrdersByDateIndex",
          pk: key("GSI1_PK", ["tenantId"], "TENANT#${tenantId}"),
          sk: key("GSI1_SK", ["dateCreated", "id"], "${dateCreated}#${id}"),
        },
        byId: { index: "OrderByIdIndex", pk: key("GSI2_PK", ["id"], "ORDER#${id}"), sk: key("GSI2_SK", [], "METADATA") },
      },
    },
    entityOptions(table),
  );

/** Runs out seven days after acceptance; its removal by TTL wakes the expirer. */
export const expiryTimerEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "ExpiryTimer", version: "1", service: "bbws-order" },
      attributes: {
        orderId: { type: "string", required: true },
        tenantId: { type: "string", required: true },
        expiresAt: { type: "number", required: true },
      },
      indexes: { byOrder: { pk: key("PK", ["orderId"], "ORDER#${orderId}"), sk: key("SK", [], "EXPIRY") } },
    },
    entityOptions(table),
  );

/** A payment reference is used once, for one order. */
export const paymentReferenceEntity = (table: Table) =>
  new Entity(
    {
      model: { entity: "PaymentReference", version: "1", service: "bbws-order" },
      attributes: {
        reference: { type: "string", required: true },
        orderId: { type: "string", required: true },
        amount: { type: "number", required: true },
      },
      indexes: { byReference: { pk: key("PK", ["reference"], "PAYMENT#${reference}"), sk: key("SK", [], "UNIQUE") } },
    },
    entityOptions(table),
  );
