import type { MailData } from "@bbws/core/mail/templates/mail-data.ts";
import { Action, Badge, Fact, Facts, Heading, OrderTable, Reference, Subheading } from "../components/blocks.tsx";
import { Mail } from "../components/mail.tsx";
import { Value, When } from "../components/merge.tsx";
import { subjects } from "../subjects.ts";

/** Tells support and sales of a new, paid, cancelled or refunded order. */
export default function OrderNotification(data: MailData<"internal/order_notification">) {
  return (
    <Mail
      data={data}
      subject={subjects["internal/order_notification"]}
      preheader={
        <>
          <Value of="total" />
          {" from "}
          <Value of="customerEmail" />
          {", "}
          <Value of="source" />
          {"."}
        </>
      }
    >
      <When has="is.created">
        <Badge tone="warning">
          <Value of="status" />
        </Badge>
      </When>
      <When has="is.paid">
        <Badge tone="positive">
          <Value of="status" />
        </Badge>
      </When>
      <When has="is.cancelled">
        <Badge tone="negative">
          <Value of="status" />
        </Badge>
      </When>
      <When has="is.refunded">
        <Badge tone="negative">
          <Value of="status" />
        </Badge>
      </When>
      <Heading>
        <Value of="occasion" />
        {": "}
        <Reference of="orderNumber" />
      </Heading>
      <Action to="adminUrl">Open in admin</Action>
      <Facts>
        <Fact label="Customer" of="customerName" optional />
        <Fact label="Company" of="company" optional />
        <Fact label="E-mail" of="customerEmail" />
        <Fact label="Telephone" of="customerPhone" optional />
        <Fact label="Address" of="billingAddress" />
        <Fact label="VAT number" of="customerVatNumber" optional />
        <Fact label="Came from" of="source" />
        <Fact label="Ordered on" of="orderDate" />
        <Fact label="Purchase order" of="purchaseOrderNumber" optional />
        <Fact label="Campaign" of="campaign" optional />
      </Facts>
      <Subheading>Payment</Subheading>
      <Facts>
        <Fact label="Method" of="paymentMethod" />
        <Fact label="Reference" of="paymentReference" optional />
        <Fact label="Tax invoice" of="invoiceNumber" optional />
        <Fact label="Credit note" of="creditNoteNumber" optional />
        <Fact label="Reason" of="reason" optional />
      </Facts>
      <When has="notes">
        <Subheading>Customer's notes</Subheading>
        <Facts>
          <Fact label="Notes" of="notes" />
        </Facts>
      </When>
      <OrderTable />
    </Mail>
  );
}
