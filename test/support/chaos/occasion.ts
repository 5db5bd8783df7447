/** What an invocation is about, told from its event alone: the customers it concerns and, for each, the occasion. */

export type Occasion = { customer: string; name: string };

type Image = {
  id?: { S: string };
  orderId?: { S: string };
  correlationId?: { S: string };
  status?: { S: string };
  documents?: { M: Record<string, { M: object }> };
};
type Event = {
  Records?: { body?: string; eventName?: string; dynamodb?: { OldImage?: Image; NewImage?: Image } }[];
  routeKey?: string;
  headers?: Record<string, string>;
  body?: string;
};

/** Who a request is from stands in its correlation id, and so it does in what follows from it; a timer knows its order only. */
export function occasions() {
  const customers = new Map<string, string>();

  function ofMessage(body: string): Occasion[] {
    const { type, orderId, correlationId, order, data } = JSON.parse(body) as {
      type: string;
      orderId?: string;
      correlationId: string;
      order?: { id: string };
      data?: { kind?: string; to?: string; documentType?: string };
    };
    if (order) customers.set(order.id, correlationId);
    const customer = customers.get(orderId ?? "") ?? correlationId;
    return [{ customer, name: [type, data?.kind ?? data?.to ?? data?.documentType ?? ""].join(" ").trim() }];
  }

  function ofChange({ eventName, dynamodb: { OldImage, NewImage } = {} }: NonNullable<Event["Records"]>[number]): Occasion[] {
    const image = NewImage ?? OldImage;
    const customer = customers.get(image?.id?.S ?? image?.orderId?.S ?? "") ?? image?.correlationId?.S;
    if (!customer) return [];
    const documents = (of: Image | undefined) =>
      Object.entries(of?.documents?.M ?? {}).flatMap(([type, { M }]) => ("key" in M ? [type] : []));
    const fresh = documents(NewImage).filter((type) => !documents(OldImage).includes(type));
    // A document arrives at whatever status the order has by then.
    const what = fresh.length > 0 ? fresh : [OldImage?.status?.S, NewImage?.status?.S];
    return [{ customer, name: [eventName, ...what].filter(Boolean).join(" ") }];
  }

  function ofRequest({ routeKey = "", headers = {}, body }: Event): Occasion[] {
    const customer = headers["x-correlation-id"];
    const { status = "" } = body ? (JSON.parse(body) as { status?: string }) : {};
    return customer ? [{ customer, name: [routeKey, status].join(" ").trim() }] : [];
  }

  return (event: unknown): Occasion[] => {
    const { Records, ...request } = event as Event;
    if (!Records) return ofRequest(request);
    return Records.flatMap((record) => (record.body === undefined ? ofChange(record) : ofMessage(record.body)));
  };
}
