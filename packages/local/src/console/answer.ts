import type { HttpResponse } from "../gateway/event.ts";

export const json = (status: number, value: unknown): HttpResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  body: Buffer.from(JSON.stringify(value)),
});

export const html = (page: string): HttpResponse => ({
  status: 200,
  headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  body: Buffer.from(page),
});

/** A request the stack's own endpoints cannot use: answered 400 with the reason. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
}
