import * as v from "valibot";

/** Who sells: the legal facts a tax invoice must carry (VAT Act 89 of 1991, s 20(4)) and how to pay by EFT. A stage fact. */
export const Supplier = v.object({
  legalName: v.string(),
  tradingName: v.string(),
  registrationNumber: v.string(),
  vatNumber: v.string(),
  address: v.array(v.string()),
  email: v.string(),
  phone: v.string(),
  website: v.string(),
  bank: v.object({ name: v.string(), accountName: v.string(), accountNumber: v.string(), branchCode: v.string() }),
});
export type Supplier = v.InferOutput<typeof Supplier>;
