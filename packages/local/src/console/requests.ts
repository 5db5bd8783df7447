/** What the stack's own endpoints accept, as schemas: a body that does not fit is a 400 that says why. */
import * as v from "valibot";
import { faultTargets } from "../lambda/faults.ts";
import { BadRequest } from "./answer.ts";

const MAX_FAILURES = 1_000_000;
const textOrList = v.union([v.string(), v.array(v.string())]);

export const tokenRequest = v.object({
  tenantId: v.optional(v.string()),
  tenantIds: v.optional(textOrList),
  email: v.optional(v.string()),
  sub: v.optional(v.string()),
  roles: v.optional(textOrList),
  scope: v.optional(v.string()),
  expiresIn: v.optional(v.pipe(v.number(), v.integer())),
  claims: v.optional(v.record(v.string(), v.unknown())),
});

export const faultRequest = v.strictObject({
  target: v.picklist(faultTargets),
  failures: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_FAILURES)),
});

export const expireRequest = v.object({ orderId: v.pipe(v.string(), v.minLength(1)) });

/** `messageIds` names the letters that are meant; without it every letter of the queue is. */
export const redriveRequest = v.strictObject({
  queue: v.string(),
  max: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  messageIds: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
});

const MAX_RECEIVES = 1000;
export const patienceRequest = v.strictObject({
  receives: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_RECEIVES))),
});

/** @throws BadRequest naming the first field that does not fit */
export function parseBody<S extends v.GenericSchema>(schema: S, body: Buffer): v.InferOutput<S> {
  const value = parseJson(body);
  // To a schema of optional fields an empty list would look like an empty object.
  if (Array.isArray(value)) throw new BadRequest("the body is not an object");
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new BadRequest(path ? `${path}: ${issue.message}` : issue.message);
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new BadRequest("the body is not JSON");
  }
}
