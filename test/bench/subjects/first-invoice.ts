import { renderDocument } from "@bbws/core/document/render.tsx";
import { invoice } from "./invoices.ts";

export const first = () => renderDocument(invoice(0, 5));
