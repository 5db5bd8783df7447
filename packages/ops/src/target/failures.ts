import type { LoggedFailure } from "./target.ts";

/** Reads the functions' JSON log lines. */
export function failuresIn(lines: Iterable<string>, messageIds: ReadonlySet<string>): Map<string, LoggedFailure> {
  const found = new Map<string, LoggedFailure>();
  for (const line of lines) {
    if (!line.includes('"messageId"')) continue;
    const entry = parsed(line);
    const { messageId, outcome, timestamp, errorReason, errorName, errorCode, correlationId } = entry;
    if (!messageId || !messageIds.has(messageId) || (outcome !== "retry" && outcome !== "deadLetter")) continue;
    const error = errorReason ?? [errorName, errorCode].filter(Boolean).join(" ");
    found.set(messageId, { at: timestamp ?? "", error: error || "unknown", ...(correlationId && { correlationId }) });
  }
  return found;
}

type LogLine = Partial<Record<"messageId" | "outcome" | "timestamp" | "errorReason" | "errorName" | "errorCode" | "correlationId", string>>;

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line.slice(line.indexOf("{"))) as LogLine;
  } catch {
    return {};
  }
}
