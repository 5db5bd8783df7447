import type { CSSProperties, ReactNode } from "react";
import { Button, Link } from "react-email";
import { colour, mailType, radius, space } from "../theme.ts";
import { Each, usePart, useValue, Value, When } from "./merge.tsx";

/** What mails are made of. Each block draws itself as HTML or, for the text part, as plain lines. */

export function Heading({ children }: { children: ReactNode }) {
  if (usePart() === "text") return <p>{children}</p>;
  return (
    <h1 className="ink" style={style.heading}>
      {children}
    </h1>
  );
}

export function Subheading({ children }: { children: ReactNode }) {
  if (usePart() === "text") return <p>{children}</p>;
  return (
    <h2 className="ink" style={style.subheading}>
      {children}
    </h2>
  );
}

export function Paragraph({ children }: { children: ReactNode }) {
  if (usePart() === "text") return <p>{children}</p>;
  return (
    <p className="text" style={style.paragraph}>
      {children}
    </p>
  );
}

/** The one thing to do next. `to` is the field that holds the address. */
export function Action({ to, children }: { to: string; children: string }) {
  const href = useValue(to);
  if (usePart() === "text") {
    return (
      <p>
        {children}
        {": "}
        {href}
      </p>
    );
  }
  return (
    <div style={style.action}>
      <Button href={href} style={style.button}>
        {children}
      </Button>
    </div>
  );
}

/** A link in running text. */
export function TextLink({ to, children }: { to: string; children: string }) {
  const href = useValue(to);
  if (usePart() === "text") return `${children} (${href})`;
  return (
    <Link href={href} className="brand" style={style.link}>
      {children}
    </Link>
  );
}

/** The address one writes to for help. */
export function SupportLink() {
  const address = useValue("supplier.email");
  if (usePart() === "text") return address;
  return (
    <Link href={`mailto:${address}`} className="brand" style={style.link}>
      {address}
    </Link>
  );
}

/** A number in running text: it does not break at its hyphens. */
export function Reference({ of }: { of: string }) {
  if (usePart() === "text") return <Value of={of} />;
  return (
    <span style={style.reference}>
      <Value of={of} />
    </span>
  );
}

/** What a customer wrote, within our words: in another direction of writing it moves none of them. */
export function CustomerText({ of }: { of: string }) {
  if (usePart() === "text") return <Value of={of} />;
  return (
    <span dir="auto">
      <Value of={of} />
    </span>
  );
}

export type Tone = "positive" | "warning" | "negative";

/** A status, in a word, in its colour. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  if (usePart() === "text") return null;
  return (
    <p style={style.badgeLine}>
      <span className={tone} style={{ ...style.badge, color: colour[tone], backgroundColor: colour[`${tone}Surface`] }}>
        {children}
      </span>
    </p>
  );
}

/** Labelled facts in a panel. */
export function Facts({ children }: { children: ReactNode }) {
  if (usePart() === "text") return <section>{children}</section>;
  return (
    <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} style={style.facts}>
      <tbody>
        <tr>
          {/* Outlook on Windows gives padding to cells only. */}
          <td className="panel" style={style.panel}>
            <table role="presentation" width="100%" cellPadding={0} cellSpacing={0}>
              <tbody>{children}</tbody>
            </table>
          </td>
        </tr>
      </tbody>
    </table>
  );
}

/** One fact; with `optional` it is left out when the field has no value. */
export function Fact({ label, of, optional }: { label: string; of: string; optional?: boolean }) {
  const part = usePart();
  const fact =
    part === "text" ? (
      <div>
        {label}
        {": "}
        <Value of={of} />
      </div>
    ) : (
      <tr>
        <td className="muted label" style={style.factLabel}>
          {label}
        </td>
        <td className="ink" style={style.factValue}>
          <CustomerText of={of} />
        </td>
      </tr>
    );
  return optional ? <When has={of}>{fact}</When> : fact;
}

/** The order's lines and its totals. Reads the fields every order mail has. */
export function OrderTable() {
  if (usePart() === "text") return <TextOrderTable />;
  return (
    <table width="100%" cellPadding={0} cellSpacing={0} style={style.table}>
      <thead>
        <tr>
          <th scope="col" className="muted line" style={style.headLeft}>
            Item
          </th>
          <th scope="col" className="muted line" style={style.headRight}>
            Excl. VAT
          </th>
        </tr>
      </thead>
      <tbody>
        <Each of="lines">
          <tr>
            <td className="line" style={style.itemCell}>
              <span className="ink" dir="auto" style={style.itemName}>
                <Value of="name" />
              </span>
              <br />
              <span className="muted" style={style.itemDetail}>
                <Value of="quantity" />
                {" × "}
                <Value of="unitPrice" />
                <When has="discount">
                  {", less "}
                  <Value of="discount" />
                </When>
              </span>
            </td>
            <td className="ink line" style={style.amountCell}>
              <Value of="amount" />
            </td>
          </tr>
        </Each>
      </tbody>
      <tbody>
        <Each of="totals">
          <When has="emphasis">
            <tr>
              <td className="ink line" style={style.grandLabel}>
                <Value of="label" />
              </td>
              <td className="brand line" style={style.grandValue}>
                <Value of="value" />
              </td>
            </tr>
          </When>
          <When not="emphasis">
            <tr>
              <td className="muted" style={style.totalLabel}>
                <CustomerText of="label" />
              </td>
              <td className="text" style={style.totalValue}>
                <Value of="value" />
              </td>
            </tr>
          </When>
        </Each>
      </tbody>
    </table>
  );
}

function TextOrderTable() {
  return (
    <>
      <section>
        <Each of="lines">
          <div>
            <Value of="quantity" />
            {" x "}
            <Value of="name" />
            {" at "}
            <Value of="unitPrice" />
            <When has="discount">
              {", less "}
              <Value of="discount" />
            </When>
            {": "}
            <Value of="amount" />
          </div>
        </Each>
      </section>
      <section>
        <Each of="totals">
          <div>
            <Value of="label" />
            {": "}
            <Value of="value" />
          </div>
        </Each>
      </section>
    </>
  );
}

const cell = { verticalAlign: "top", fontSize: `${mailType.table}px`, lineHeight: "22px" } as const;
const rule = `1px solid ${colour.line}`;

const style = {
  heading: { margin: `0 0 ${space.m}px 0`, fontSize: `${mailType.display}px`, lineHeight: "34px", fontWeight: 700, color: colour.ink },
  subheading: {
    margin: `${space.xl}px 0 ${space.s}px 0`,
    fontSize: `${mailType.heading}px`,
    lineHeight: "26px",
    fontWeight: 700,
    color: colour.ink,
  },
  paragraph: {
    margin: `0 0 ${space.m}px 0`,
    fontSize: `${mailType.body}px`,
    lineHeight: "26px",
    color: colour.text,
    overflowWrap: "anywhere",
  },
  action: { margin: `${space.l}px 0` },
  button: {
    display: "inline-block",
    backgroundColor: colour.brand,
    color: colour.onBrand,
    fontSize: `${mailType.body}px`,
    lineHeight: "24px",
    fontWeight: 600,
    textDecoration: "none",
    padding: `${space.sm}px ${space.l}px`,
    borderRadius: `${radius.button}px`,
  },
  link: { color: colour.brand, textDecoration: "underline", overflowWrap: "anywhere" },
  reference: { whiteSpace: "nowrap" },
  badgeLine: { margin: `0 0 ${space.m}px 0`, lineHeight: "26px" },
  badge: {
    display: "inline-block",
    padding: `${space.xxs}px ${space.sm}px`,
    borderRadius: `${radius.badge}px`,
    fontSize: `${mailType.small}px`,
    lineHeight: "22px",
    fontWeight: 600,
  },
  facts: { width: "100%", margin: `${space.m}px 0` },
  panel: { backgroundColor: colour.surface, borderRadius: `${radius.panel}px`, padding: `${space.sm}px ${space.m}px` },
  factLabel: { ...cell, width: "38%", padding: `${space.xs}px ${space.sm}px ${space.xs}px 0`, color: colour.muted },
  factValue: { ...cell, padding: `${space.xs}px 0`, color: colour.ink, fontWeight: 600, overflowWrap: "anywhere", wordBreak: "break-word" },
  table: { width: "100%", borderCollapse: "collapse", margin: `${space.l}px 0` },
  headLeft: {
    textAlign: "left",
    padding: `0 0 ${space.s}px 0`,
    borderBottom: rule,
    fontSize: `${mailType.small}px`,
    lineHeight: "20px",
    fontWeight: 600,
    color: colour.muted,
  },
  headRight: {
    textAlign: "right",
    padding: `0 0 ${space.s}px 0`,
    borderBottom: rule,
    fontSize: `${mailType.small}px`,
    lineHeight: "20px",
    fontWeight: 600,
    color: colour.muted,
  },
  itemCell: {
    ...cell,
    padding: `${space.sm}px ${space.m}px ${space.sm}px 0`,
    borderBottom: rule,
    overflowWrap: "anywhere",
    wordBreak: "break-word",
  },
  itemName: { fontWeight: 600, color: colour.ink },
  itemDetail: { fontSize: `${mailType.small}px`, color: colour.muted },
  amountCell: {
    ...cell,
    width: "100px",
    padding: `${space.sm}px 0`,
    borderBottom: rule,
    textAlign: "right",
    whiteSpace: "nowrap",
    color: colour.ink,
  },
  totalLabel: { ...cell, padding: `${space.s}px ${space.m}px 0 0`, color: colour.muted },
  totalValue: { ...cell, padding: `${space.s}px 0 0 0`, textAlign: "right", whiteSpace: "nowrap", color: colour.text },
  grandLabel: {
    ...cell,
    padding: `${space.sm}px ${space.m}px 0 0`,
    fontSize: `${mailType.heading}px`,
    lineHeight: "26px",
    fontWeight: 700,
    color: colour.ink,
  },
  grandValue: {
    ...cell,
    padding: `${space.sm}px 0 0 0`,
    fontSize: `${mailType.title}px`,
    lineHeight: "26px",
    fontWeight: 700,
    textAlign: "right",
    whiteSpace: "nowrap",
    color: colour.brand,
  },
} as const satisfies Record<string, CSSProperties>;
