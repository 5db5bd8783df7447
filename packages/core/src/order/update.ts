import { OrderError, ValidationError } from "../errors.ts";
import type { Order, OrderStatus } from "./order.ts";
import { type Actor, allowedStatuses, isLegal, isTerminal, isUnpaid, mayTransition, transitions } from "./status.ts";

/** What a caller asks for; at least one member is set. */
export type UpdateRequest = { status?: OrderStatus; cancellationReason?: string; active?: boolean };

/** What is written: at most one transition, and the soft-delete flag. */
export type OrderUpdate = { to?: OrderStatus; active?: boolean; reason?: string };

/**
 * Decides an update by a caller in the given roles. Pure.
 * @returns undefined when nothing would change (the same status again): no write, no event.
 * @throws OrderError FORBIDDEN when the role may never do it, INVALID_STATUS_TRANSITION (400) when the state forbids it.
 */
export function decideUpdate(order: Order, request: UpdateRequest, roles: readonly Actor[]): OrderUpdate | undefined {
  const to = targetStatus(order, request, roles);
  const active = targetActive(order, request, to, roles);
  if (request.cancellationReason && to !== "CANCELLED" && order.status !== "CANCELLED") {
    throw new ValidationError([{ field: "cancellationReason", message: "A reason goes with a cancellation" }]);
  }
  if (to === undefined && active === undefined) return undefined;
  return { ...(to && { to }), ...(active !== undefined && { active }), ...(to === "CANCELLED" && { reason: request.cancellationReason }) };
}

function targetStatus(order: Order, request: UpdateRequest, roles: readonly Actor[]): OrderStatus | undefined {
  // Soft-deleting an order that still waits for money cancels it.
  const wanted = request.status ?? (request.active === false && isUnpaid(order.status) ? "CANCELLED" : undefined);
  if (wanted === undefined || wanted === order.status) return undefined;
  if (mayTransition(order.status, wanted, roles)) return wanted;
  const everAllowed = transitions.some((t) => t.to === wanted && t.by.some((actor) => roles.includes(actor)));
  if (!everAllowed && (isLegal(order.status, wanted) || !roles.includes("Admin"))) {
    throw new OrderError("FORBIDDEN", `Your role may not set the status ${wanted}`);
  }
  throw illegal(order, roles, `An order that is ${order.status} cannot become ${wanted}`);
}

function targetActive(order: Order, request: UpdateRequest, to: OrderStatus | undefined, roles: readonly Actor[]): boolean | undefined {
  if (request.active === undefined || request.active === order.active) return undefined;
  if (!roles.includes("Admin") && (!roles.includes("Customer") || request.active)) {
    throw new OrderError("FORBIDDEN", request.active ? "Only an admin may restore an order" : "Your role may not remove an order");
  }
  if (request.active || isTerminal(to ?? order.status)) return request.active;
  throw illegal(order, roles, `An order that is ${order.status} cannot be removed`);
}

function illegal(order: Order, roles: readonly Actor[], message: string): OrderError {
  return new OrderError("INVALID_STATUS_TRANSITION", message, {
    details: { currentStatus: order.status, allowedStatuses: allowedStatuses(order.status, roles) },
  });
}
