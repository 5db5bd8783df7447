import { createContext, type ReactNode, useContext } from "react";

/**
 * The merge components. In the preview they show sample data; when a template is published they leave Mustache tags in
 * its place, which the mail functions fill. One source, two readings.
 */

type Reading = { mode: "preview"; data: Record<string, unknown> } | { mode: "publish" };
/** The text part is made from the same template, drawn without tables and buttons. */
export type Part = "html" | "text";

const ReadingContext = createContext<Reading | undefined>(undefined);
const PartContext = createContext<Part>("html");

/** Makes the templates inside emit tags instead of data. */
export function Publishing({ part, children }: { part: Part; children: ReactNode }) {
  return (
    <ReadingContext value={{ mode: "publish" }}>
      <PartContext value={part}>{children}</PartContext>
    </ReadingContext>
  );
}

/** Gives a template its data in the preview; while publishing the data is not looked at. */
export function Data({ of, children }: { of: object; children: ReactNode }) {
  const reading = useContext(ReadingContext);
  if (reading?.mode === "publish") return children;
  return <ReadingContext value={{ mode: "preview", data: of as Record<string, unknown> }}>{children}</ReadingContext>;
}

/** Which part of the mail is being made. */
export const usePart = () => useContext(PartContext);

/** A field's value, or its tag. For attributes such as `href`; in text use `<Value>`. */
export function useValue(field: string): string {
  const reading = useReading();
  return reading.mode === "publish" ? `{{${field}}}` : String(lookUp(reading.data, field) ?? "");
}

/** A text with tags in it, e.g. a subject: filled in the preview, as it is when publishing. */
export function useText(text: string): string {
  const reading = useReading();
  if (reading.mode === "publish") return text;
  return text.replace(/\{\{([\w.]+)\}\}/g, (_, field: string) => String(lookUp(reading.data, field) ?? ""));
}

/** A field of the mail's data: `<Value of="orderNumber" />`, `<Value of="supplier.email" />`. */
export function Value({ of }: { of: string }) {
  return useValue(of);
}

/** Once for each item of a list; inside, fields are the item's. */
export function Each({ of, children }: { of: string; children: ReactNode }) {
  const reading = useReading();
  if (reading.mode === "publish") return <Section tag={`#${of}`} name={of} content={children} />;
  return (lookUp(reading.data, of) as Record<string, unknown>[]).map((item, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the list is drawn once
    <ReadingContext key={i} value={{ mode: "preview", data: item }}>
      {children}
    </ReadingContext>
  ));
}

type Condition = { has: string; not?: never } | { not: string; has?: never };

/** Only when a field has a value, or (`not`) only when it has none. */
export function When({ has, not, children }: Condition & { children: ReactNode }) {
  const reading = useReading();
  const field = (has ?? not)!;
  if (reading.mode === "publish") return <Section tag={has ? `#${field}` : `^${field}`} name={field} content={children} />;
  return Boolean(lookUp(reading.data, field)) === Boolean(has) ? children : null;
}

function Section({ tag, name, content }: { tag: string; name: string; content: ReactNode }) {
  return (
    <>
      {`{{${tag}}}`}
      {content}
      {`{{/${name}}}`}
    </>
  );
}

function useReading(): Reading {
  const reading = useContext(ReadingContext);
  if (!reading) throw new Error("a template must stand inside <Data> or <Publishing>");
  return reading;
}

function lookUp(data: Record<string, unknown>, path: string): unknown {
  let value: unknown = data;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !(name in value)) throw new Error(`{{${path}}} is not in the mail's data`);
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
