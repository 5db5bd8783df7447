/** A confirmation merged from its published template, beside the same mail rendered by React. */
import { bundledTemplates } from "@bbws/core/mail/templates/bundled.ts";
import { type MailFacts, orderMailData } from "@bbws/core/mail/templates/mail-data.ts";
import { merge } from "@bbws/core/mail/templates/merge.ts";
import OrderConfirmation from "@bbws/emails/customer/order_confirmation.tsx";
import { render } from "react-email";
import { finish, progress } from "../harness/report-back.ts";
import { takeTurns } from "../harness/rounds.ts";
import { orders } from "./orders.ts";

const facts: MailFacts = {
  supplier: {
    legalName: "Big Beard Web Solutions (Pty) Ltd",
    tradingName: "BBWS",
    registrationNumber: "2015/000000/07",
    vatNumber: "4000000000",
    address: ["1 Sample Street", "Cape Town", "8001", "South Africa"],
    email: "support@kimmyai.io",
    phone: "+27 21 000 0000",
    website: "https://kimmyai.io",
    bank: { name: "Sample Bank", accountName: "Big Beard Web Solutions", accountNumber: "0000000000", branchCode: "000000" },
  },
  portalUrl: "https://portal.kimmyai.io",
  adminUrl: "https://admin.kimmyai.io",
  invoiceUrl: "https://orders-api.kimmyai.io/v1.0/links/orders/x/invoice?expires=1&signature=s",
};
const mail = { template: "customer/order_confirmation", status: "PENDING" } as const;
const template = bundledTemplates.templates[mail.template];
const placed = orders(64, 5);
const order = (i: number) => placed[i % placed.length]!;
const data = placed.map((each) => orderMailData(each, mail, facts));

const quick = process.argv[2] === "quick";
await finish(
  await takeTurns(
    [
      { name: "merged", run: (i) => merge(template, orderMailData(order(i), mail, facts)) },
      { name: "rendered", run: (i) => render(<OrderConfirmation {...data[i % data.length]!} />) },
    ],
    { rounds: quick ? 20 : 100, perSample: 20, onRound: (done, of) => progress(`round ${done} of ${of}`) },
  ),
);
