/** @jsxImportSource preact */
import { type FieldProblem, isOrderClientError } from "@bbws/order-client";

/** What came of something the reader did. */
export type Notice = { kind: "good" | "warning" | "bad"; text: string };

/** An error in words, with the service's code and the fields it names. */
export function noticeOf(error: unknown): Notice {
  if (!isOrderClientError(error)) return { kind: "bad", text: (error as Error).message };
  const fields = Array.isArray(error.details) ? (error.details as FieldProblem[]).map(({ field, message }) => `${field}: ${message}`) : [];
  return { kind: "bad", text: [`${error.message} (${error.code})`, ...fields].join(". ") };
}

/** The region stays in the page, so that a screen reader hears what appears in it. */
export const NoticeLine = ({ notice }: { notice: Notice | undefined }) => (
  <p class={`notice ${notice ? `notice-${notice.kind}` : ""}`} role="status">
    {notice?.text}
  </p>
);
