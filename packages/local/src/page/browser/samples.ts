/** Who buys and what there is to buy: the seed catalogue, and customers from all over the country. */
import seed from "@bbws/core/catalogue/seed.json" with { type: "json" };
import type { NewOrder } from "./service.ts";

export const products = seed.products;
export const campaigns = seed.campaigns;

export type Buyer = Pick<NewOrder, "customerEmail" | "firstName" | "lastName" | "company" | "primaryPhone" | "billingAddress"> & {
  tenantId: string;
};

export const buyers: Buyer[] = [
  {
    tenantId: "tenant-nkosi",
    customerEmail: "thandi@nkosiflowers.example",
    firstName: "Thandi",
    lastName: "Nkosi",
    company: "Nkosi Flowers",
    primaryPhone: "082 123 4567",
    billingAddress: { street: "12 Long Street", city: "Cape Town", province: "Western Cape", postalCode: "8001", country: "ZA" },
  },
  {
    tenantId: "tenant-vandermerwe",
    customerEmail: "pieter@karoowol.example",
    firstName: "Pieter",
    lastName: "van der Merwe",
    company: "Karoo Wol & Vel BK",
    primaryPhone: "023 414 9000",
    billingAddress: {
      street: "Donkinstraat 4",
      addressLine2: "Posbus 77",
      city: "Beaufort-Wes",
      province: "Wes-Kaap",
      postalCode: "6970",
      country: "ZA",
      vatNumber: "4870263541",
    },
  },
  {
    tenantId: "tenant-mokoena",
    customerEmail: "lerato@mokoenalegal.example",
    firstName: "Lerato",
    lastName: "Mokoena",
    company: "Mokoena & Dlamini Attorneys Inc.",
    primaryPhone: "011 555 0199",
    billingAddress: { street: "88 Grayston Drive, Sandown", city: "Sandton", province: "Gauteng", postalCode: "2031", country: "ZA" },
  },
  {
    tenantId: "tenant-naidoo",
    customerEmail: "priya@umhlangadental.example",
    firstName: "Priya",
    lastName: "Naidoo",
    company: "Umhlanga Dental Studio",
    primaryPhone: "031 561 2000",
    billingAddress: { street: "3 Lagoon Drive", city: "Umhlanga", province: "KwaZulu-Natal", postalCode: "4320", country: "ZA" },
  },
];
