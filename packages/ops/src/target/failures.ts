import type { LoggedFailure } from "./target.ts";

/** Reads the functions' JSON log lines. */
export function failuresIn(lines: Iterable<string>, messageIds: ReadonlySet<string>): Map<string, LoggedFailure> {
  const found = new Map<string, LoggedFailure>();
  for (const line of lines) {
    if (!line.includes('"messageId"')) continue;
    const entry = parsed(line);
    const { messageId, outcome, timestamp, errorReason, correlationId } = entry;
    if (!messageId || !messageIds.has(messageId) || (outcome !== "retry" && outcome !== "deadLetter")) continue;
    const error = errorReason ?? errorChain(entry);
    found.set(messageId, { at: timestamp ?? "", error: error || "unknown", ...(correlationId && { correlationId }) });
  }
  return found;
}

type LoggedError = { errorName?: string; errorCode?: string | number; cause?: LoggedError };
type LogLine = LoggedError & Partial<Record<"messageId" | "outcome" | "timestamp" | "errorReason" | "correlationId", string>>;

/** The first cause first: what wrapped it says less. */
function errorChain({ errorName, errorCode, cause }: LoggedError): string {
  const own = [errorName, errorCode].filter((part) => part !== undefined).join(" ");
  return cause ? [errorChain(cause), own].filter(Boolean).join(", in ") : own;
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line.slice(line.indexOf("{"))) as LogLine;
  } catch {
    return {};
  }
}
