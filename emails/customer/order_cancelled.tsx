import type { MailData } from "@bbws/core/mail/templates/mail-data.ts";
import { Action, Badge, CustomerText, Fact, Facts, Heading, Paragraph, Reference, SupportLink } from "../components/blocks.tsx";
import { Mail } from "../components/mail.tsx";
import { Value, When } from "../components/merge.tsx";
import { subjects } from "../subjects.ts";

/** Sent when an unpaid order is cancelled, by whomever. */
export default function OrderCancelled(data: MailData<"customer/order_cancelled">) {
  return (
    <Mail data={data} subject={subjects["customer/order_cancelled"]} preheader="It is done, and you owe nothing.">
      <Badge tone="negative">Cancelled</Badge>
      <Heading>Your order is cancelled</Heading>
      <Paragraph>
        <When has="customerName">
          {"Hi "}
          <CustomerText of="customerName" />
          {". "}
        </When>
        {"Your order "}
        <Reference of="orderNumber" />
        {" of "}
        <Value of="orderDate" />
        {" has been cancelled. It was not paid, so you owe nothing and there is nothing to refund."}
      </Paragraph>
      <Facts>
        <Fact label="Order" of="orderNumber" />
        <Fact label="Total" of="total" />
        <Fact label="Reason" of="reason" optional />
      </Facts>
      <Action to="orderUrl">View your order</Action>
      <Paragraph>
        {"You did not ask for this? Please reply, or write to "}
        <SupportLink />
        {", and we put it right."}
      </Paragraph>
    </Mail>
  );
}
