import type { MailData } from "@bbws/core/mail/templates/mail-data.ts";
import type { ReactNode } from "react";
import {
  Action,
  Badge,
  CustomerText,
  Fact,
  Facts,
  Heading,
  Paragraph,
  Reference,
  SupportLink,
  TextLink,
  type Tone,
} from "../components/blocks.tsx";
import { Mail } from "../components/mail.tsx";
import { Value, When } from "../components/merge.tsx";
import { subjects } from "../subjects.ts";

/** Sent when work on an order starts and ends, when it lapses, and with the credit note when it is refunded. */
export default function OrderStatusUpdate(data: MailData<"customer/order_status_update">) {
  return (
    <Mail
      data={data}
      subject={subjects["customer/order_status_update"]}
      preheader={
        <>
          {"Your order "}
          <Value of="orderNumber" />
          {" is now: "}
          <Value of="status" />
          {"."}
        </>
      }
    >
      <News when="is.pending" tone="warning" heading="Your order is waiting for your payment">
        {"We start as soon as it reaches us."}
      </News>
      <News when="is.paid" tone="positive" heading="Your payment has reached us">
        {"Thank you. We set up your order next."}
      </News>
      <News when="is.processing" tone="positive" heading="We are setting up your order">
        {"Your payment is in and our team is at work. We write again when everything is ready."}
      </News>
      <News when="is.completed" tone="positive" heading="Your order is ready">
        {"Everything in it is set up. Enjoy it!"}
      </News>
      <News when="is.expired" tone="warning" heading="Your order has lapsed">
        {"No payment reached us within seven days, so we have closed the order. You owe nothing, and you are welcome to order again."}
      </News>
      <News when="is.refunded" tone="warning" heading="Your refund is on its way">
        {"We have refunded "}
        <Value of="total" />
        {". Banks can take a few days to show it."}
        <When has="creditNoteNumber">
          {" Credit note "}
          <Reference of="creditNoteNumber" />
          {" is attached for your records."}
        </When>
      </News>
      <News when="is.cancelled" tone="negative" heading="Your order is cancelled">
        {"You owe nothing."}
      </News>
      <Facts>
        <Fact label="Order" of="orderNumber" />
        <Fact label="Placed on" of="orderDate" />
        <Fact label="Status" of="status" />
        <Fact label="Total" of="total" />
      </Facts>
      <Action to="orderUrl">View your order</Action>
      <When has="invoiceUrl">
        <Paragraph>
          {"Need the paperwork? "}
          <TextLink to="invoiceUrl">Download your latest document as a PDF</TextLink>
          {". The link works for seven days."}
        </Paragraph>
      </When>
      <Paragraph>
        {"Questions? Just reply, or write to "}
        <SupportLink />
        {"."}
      </Paragraph>
    </Mail>
  );
}

/** What one status means for the customer. */
function News({ when, tone, heading, children }: { when: string; tone: Tone; heading: string; children: ReactNode }) {
  return (
    <When has={when}>
      <Badge tone={tone}>
        <Value of="status" />
      </Badge>
      <Heading>{heading}</Heading>
      <Paragraph>
        <When has="customerName">
          {"Hi "}
          <CustomerText of="customerName" />
          {". "}
        </When>
        {children}
      </Paragraph>
    </When>
  );
}
