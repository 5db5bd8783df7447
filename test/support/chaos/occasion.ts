/** What an invocation is about, told from its event alone: the customers it concerns and, for each, the occasion. */
import type { FunctionName } from "../../../infra/settings.ts";

export type Occasion = { customer: string; name: string };

type Image = {
  id?: { S: string };
  customerEmail?: { S: string };
  status?: { S: string };
  documents?: { M: Record<string, { M: object }> };
};
type Event = {
  Records?: { body?: string; eventName?: string; dynamodb?: { OldImage?: Image; NewImage?: Image } }[];
  routeKey?: string;
  rawPath?: string;
  body?: string;
};

/** Orders are told apart by their customer's address, which the thin events do not carry: learned from the first that does. */
export function occasions() {
  const customers = new Map<string, string>();
  const inPath = /order_[0-9a-f-]{36}/;

  function ofMessage(body: string): Occasion[] {
    const message = JSON.parse(body) as {
      type: string;
      orderId?: string;
      order?: { id: string; customerEmail: string };
      data?: { to?: string; documentType?: string };
    };
    if (message.order) customers.set(message.order.id, message.order.customerEmail);
    const customer = message.order?.customerEmail ?? customers.get(message.orderId ?? "");
    return customer ? [{ customer, name: [message.type, message.data?.to ?? message.data?.documentType ?? ""].join(" ").trim() }] : [];
  }

  function ofChange(record: NonNullable<Event["Records"]>[number]): Occasion[] {
    const { OldImage, NewImage } = record.dynamodb ?? {};
    const image = (NewImage ?? OldImage) as (Image & { orderId?: { S: string } }) | undefined;
    const customer = image?.customerEmail?.S ?? customers.get(image?.orderId?.S ?? "");
    if (!customer) return [];
    const documents = (of: Image | undefined) =>
      Object.entries(of?.documents?.M ?? {}).flatMap(([type, { M }]) => ("key" in M ? [type] : []));
    const fresh = documents(NewImage).filter((type) => !documents(OldImage).includes(type));
    return [{ customer, name: [record.eventName, OldImage?.status?.S ?? "", NewImage?.status?.S ?? "", ...fresh].join(" ") }];
  }

  function ofRequest({ routeKey, rawPath, body }: Event): Occasion[] {
    const content = body ? (JSON.parse(body) as { customerEmail?: string; status?: string }) : {};
    const customer = content.customerEmail ?? customers.get(inPath.exec(rawPath ?? "")?.[0] ?? "");
    return customer ? [{ customer, name: [routeKey, content.status ?? ""].join(" ").trim() }] : [];
  }

  return {
    of(_function: FunctionName, event: unknown): Occasion[] {
      const { Records, ...request } = event as Event;
      if (!Records) return ofRequest(request);
      return Records.flatMap((record) => (record.body === undefined ? ofChange(record) : ofMessage(record.body)));
    },
  };
}
