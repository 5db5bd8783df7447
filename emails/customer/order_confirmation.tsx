import type { MailData } from "@bbws/core/mail/templates/mail-data.ts";
import {
  Action,
  CustomerText,
  Fact,
  Facts,
  Heading,
  OrderTable,
  Paragraph,
  Reference,
  Subheading,
  SupportLink,
  TextLink,
} from "../components/blocks.tsx";
import { Mail } from "../components/mail.tsx";
import { Value, When } from "../components/merge.tsx";
import { subjects } from "../subjects.ts";

/** Sent once the order is recorded and numbered. */
export default function OrderConfirmation(data: MailData<"customer/order_confirmation">) {
  return (
    <Mail
      data={data}
      subject={subjects["customer/order_confirmation"]}
      preheader={
        <>
          {"We have your order. "}
          <Value of="total" />
          {" including VAT, payable by "}
          <Value of="payBy" />
          {"."}
        </>
      }
    >
      <Heading>
        {"Thank you"}
        <When has="customerName">
          {", "}
          <CustomerText of="customerName" />
        </When>
      </Heading>
      <Paragraph>
        {"We have your order "}
        <Reference of="orderNumber" />
        {" of "}
        <Value of="orderDate" />
        <When has="purchaseOrderNumber">
          {" (your purchase order "}
          <CustomerText of="purchaseOrderNumber" />
          {")"}
        </When>
        {". As soon as your payment reaches us we send the tax invoice and set up your order."}
      </Paragraph>
      <Action to="orderUrl">View your order</Action>
      <OrderTable />
      <Subheading>How to pay</Subheading>
      <Paragraph>
        <When has="byTransfer">{"Please transfer the amount to this account by "}</When>
        <When not="byTransfer">
          {"Your payment method: "}
          <CustomerText of="paymentMethod" />
          {". If you would rather pay by bank transfer, these are our details. Please pay by "}
        </When>
        <Value of="payBy" />
        {"; after that the order lapses."}
      </Paragraph>
      <Facts>
        <Fact label="Bank" of="bank.name" />
        <Fact label="Account name" of="bank.accountName" />
        <Fact label="Account number" of="bank.accountNumber" />
        <Fact label="Branch code" of="bank.branchCode" />
        <Fact label="Reference" of="orderNumber" />
        <Fact label="Amount" of="total" />
      </Facts>
      <When has="invoiceUrl">
        <Paragraph>
          {"Need it on paper? "}
          <TextLink to="invoiceUrl">Download your order as a PDF</TextLink>
          {". The link works for seven days."}
        </Paragraph>
      </When>
      <Paragraph>
        {"Anything not right? Just reply, or write to "}
        <SupportLink />
        {"."}
      </Paragraph>
    </Mail>
  );
}
