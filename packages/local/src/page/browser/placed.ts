/** The orders placed in this session, kept over a reload of the page. */

export type PlacedOrder = {
  orderId: string;
  /** Signed link of the 202, for whoever has no token. */
  statusUrl: string;
  /** Epoch ms of the click. */
  placedAt: number;
  /** Epoch ms of the 202. */
  acceptedAt: number;
  buyer: { name: string; email: string; tenantId?: string };
  what: string;
  /** Rand. */
  total: number;
  /** Epoch ms at which the page first saw a step done, by the step's key. */
  seen: Record<string, number>;
};

const KEY = "bbws-placed-orders";
const KEPT = 50;

export function loadPlaced(): PlacedOrder[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]") as PlacedOrder[];
  } catch {
    return [];
  }
}

export function savePlaced(orders: readonly PlacedOrder[]): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(orders.slice(0, KEPT)));
  } catch {
    // A browser that keeps nothing still shows everything.
  }
}
