/** @jsxImportSource preact */
import { rand, timeOfDay } from "./format.ts";
import type { Sighting } from "./journey.ts";
import { StatusPill } from "./status-pill.tsx";

/** The orders placed in this session, newest first. */
export function OrderList(props: { sightings: readonly Sighting[]; selected: string | undefined; onSelect(orderId: string): void }) {
  return (
    <section class="card list" aria-labelledby="list-title">
      <h2 id="list-title">Placed here</h2>
      {props.sightings.length === 0 && <p class="quiet">Orders you place appear here and stay until you close this tab.</p>}
      <ul>
        {props.sightings.map(({ placed, order }) => (
          <li key={placed.orderId}>
            <button
              type="button"
              class="list-row"
              aria-current={placed.orderId === props.selected ? "true" : undefined}
              onClick={() => props.onSelect(placed.orderId)}
            >
              <span class="list-main">
                <span class="list-number">{order?.orderNumber ?? "No number yet"}</span>
                <StatusPill status={order?.status ?? "ACCEPTED"} />
              </span>
              <span class="list-more">
                <span>
                  {placed.what}, {placed.buyer.name}
                </span>
                <span>{rand(placed.total)}</span>
              </span>
              <span class="visually-hidden">placed at {timeOfDay(placed.placedAt)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
