/** @jsxImportSource preact */
import { useEffect, useState } from "preact/hooks";
import { rand } from "./format.ts";
import { type Notice, NoticeLine, noticeOf } from "./notice.tsx";
import type { PlacedOrder } from "./placed.ts";
import { type Buyer, buyers, campaigns, products } from "./samples.ts";
import { customerOf, guest, local, type Quote } from "./service.ts";

const DEFAULT_PRODUCT = "PROD-002";
const DEFAULT_CAMPAIGN = "SUMMER2025";
const MOST = 99;

type Wish = { productId: string; quantity: number; campaignCode: string; asGuest: boolean; buyer: Buyer };

/** The checkout: a sample order in four choices. */
export function OrderForm({ onPlaced }: { onPlaced(order: PlacedOrder): void }) {
  const [wish, setWish] = useState<Wish>({
    productId: DEFAULT_PRODUCT,
    quantity: 1,
    campaignCode: DEFAULT_CAMPAIGN,
    asGuest: false,
    buyer: buyers[0]!,
  });
  const [busy, setBusy] = useState(false);
  const [notice, setNotice] = useState<Notice>();
  const quote = useQuote(wish);
  const change = (part: Partial<Wish>) => setWish({ ...wish, ...part });
  const setQuantity = (quantity: number) => change({ quantity: Math.min(MOST, Math.max(1, Math.round(quantity) || 1)) });

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setNotice(undefined);
    try {
      onPlaced(await place(wish));
    } catch (error) {
      setNotice(noticeOf(error));
    }
    setBusy(false);
  };

  return (
    <form class="card form" onSubmit={submit} aria-labelledby="form-title">
      <h2 id="form-title">Place an order</h2>
      <fieldset>
        <legend>Product</legend>
        <div class="products">
          {products.map(({ productId, name, description, price }) => (
            <label key={productId} class={`product ${price === 0 ? "product-off" : ""}`}>
              <input
                type="radio"
                name="product"
                value={productId}
                checked={wish.productId === productId}
                disabled={price === 0}
                onChange={() => change({ productId })}
              />
              <span class="product-text">
                <span class="product-name">{name}</span>
                <span class="product-about">{description}</span>
              </span>
              {price > 0 && <span class="product-price">{rand(price / 100)}</span>}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="pair">
        <div class="field">
          <label for="quantity">Quantity</label>
          <div class="stepper">
            <button type="button" aria-label="One less" disabled={wish.quantity <= 1} onClick={() => setQuantity(wish.quantity - 1)}>
              −
            </button>
            <input
              id="quantity"
              type="number"
              inputMode="numeric"
              min={1}
              max={MOST}
              value={wish.quantity}
              onChange={(event) => setQuantity(event.currentTarget.valueAsNumber)}
            />
            <button type="button" aria-label="One more" disabled={wish.quantity >= MOST} onClick={() => setQuantity(wish.quantity + 1)}>
              +
            </button>
          </div>
        </div>
        <div class="field">
          <label for="campaign">Campaign</label>
          <select id="campaign" value={wish.campaignCode} onChange={(event) => change({ campaignCode: event.currentTarget.value })}>
            <option value="">None</option>
            {campaigns.map(({ code, discountPercentage, toDate }) => (
              <option key={code} value={code}>
                {code} −{discountPercentage}%{toDate < new Date().toISOString() ? " (over)" : ""}
              </option>
            ))}
          </select>
        </div>
      </div>
      <div class="field">
        <label for="buyer">Buyer</label>
        <select
          id="buyer"
          value={wish.buyer.tenantId}
          onChange={(event) => change({ buyer: buyers.find(({ tenantId }) => tenantId === event.currentTarget.value) ?? wish.buyer })}
        >
          {buyers.map(({ tenantId, firstName, lastName, company }) => (
            <option key={tenantId} value={tenantId}>
              {firstName} {lastName}, {company}
            </option>
          ))}
        </select>
      </div>
      <fieldset>
        <legend>Buys as</legend>
        <div class="segments">
          {[false, true].map((asGuest) => (
            <label key={String(asGuest)}>
              <input type="radio" name="as" checked={wish.asGuest === asGuest} onChange={() => change({ asGuest })} />
              <span>{asGuest ? "Guest" : "Customer"}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <QuoteLines quote={quote} />
      <button class="button button-main button-wide" type="submit" disabled={busy}>
        {busy ? "Placing …" : "Place order"}
      </button>
      <NoticeLine notice={notice} />
    </form>
  );
}

async function place({ productId, quantity, campaignCode, asGuest, buyer }: Wish): Promise<PlacedOrder> {
  const { tenantId, ...customer } = buyer;
  const placedAt = Date.now();
  const client = asGuest ? guest : customerOf(tenantId, customer.customerEmail);
  const accepted = await client.createOrder({ ...customer, items: [{ productId, quantity }], ...(campaignCode && { campaignCode }) });
  const product = products.find((each) => each.productId === productId)?.name ?? productId;
  return {
    orderId: accepted.orderId,
    statusUrl: accepted.statusUrl,
    placedAt,
    acceptedAt: Date.now(),
    buyer: { name: `${customer.firstName} ${customer.lastName}`, email: customer.customerEmail, ...(!asGuest && { tenantId }) },
    what: `${quantity} × ${product}`,
    total: accepted.total,
    seen: {},
  };
}

function useQuote({ productId, quantity, campaignCode }: Wish): Quote | undefined {
  const [quote, setQuote] = useState<Quote>();
  useEffect(() => {
    const late = new AbortController();
    local
      .quote({ productId, quantity: String(quantity), ...(campaignCode && { campaignCode }) }, late.signal)
      .then(setQuote)
      .catch(() => undefined);
    return () => late.abort();
  }, [productId, quantity, campaignCode]);
  return quote;
}

function QuoteLines({ quote }: { quote: Quote | undefined }) {
  if (!quote) return <div class="quote" />;
  if ("refusal" in quote) return <p class="quote quote-refused">{quote.refusal}. Place it anyway to see how the API refuses.</p>;
  return (
    <dl class="quote">
      {quote.totals.map(({ label, value, emphasis }) => (
        <div key={label} class={emphasis ? "quote-total" : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
