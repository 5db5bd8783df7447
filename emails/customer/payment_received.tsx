import type { MailData } from "@bbws/core/mail/templates/mail-data.ts";
import {
  Action,
  Badge,
  CustomerText,
  Fact,
  Facts,
  Heading,
  OrderTable,
  Paragraph,
  Reference,
  SupportLink,
  TextLink,
} from "../components/blocks.tsx";
import { Mail } from "../components/mail.tsx";
import { Value, When } from "../components/merge.tsx";
import { subjects } from "../subjects.ts";

/** Sent with the tax invoice attached, once it is rendered. */
export default function PaymentReceived(data: MailData<"customer/payment_received">) {
  return (
    <Mail
      data={data}
      subject={subjects["customer/payment_received"]}
      preheader={
        <>
          {"We have received "}
          <Value of="total" />
          {". Your tax invoice is attached."}
        </>
      }
    >
      <Badge tone="positive">Paid</Badge>
      <Heading>
        {"Thank you for your payment"}
        <When has="customerName">
          {", "}
          <CustomerText of="customerName" />
        </When>
      </Heading>
      <Paragraph>
        {"We have received "}
        <Value of="total" />
        {" for order "}
        <Reference of="orderNumber" />
        {". Tax invoice "}
        <Reference of="invoiceNumber" />
        {" is attached as a PDF. We start setting up your order now."}
      </Paragraph>
      <Facts>
        <Fact label="Tax invoice" of="invoiceNumber" />
        <Fact label="Paid on" of="paidOn" />
        <Fact label="Paid by" of="paymentMethod" />
        <Fact label="Payment reference" of="paymentReference" />
      </Facts>
      <OrderTable />
      <Action to="orderUrl">View your order</Action>
      <When has="invoiceUrl">
        <Paragraph>
          {"Attachment lost? "}
          <TextLink to="invoiceUrl">Download the tax invoice</TextLink>
          {". The link works for seven days."}
        </Paragraph>
      </When>
      <Paragraph>
        {"Questions about this invoice? Just reply, or write to "}
        <SupportLink />
        {"."}
      </Paragraph>
    </Mail>
  );
}
