import type { CSSProperties, ReactNode } from "react";
import { Container, Head, Html } from "react-email";
import { colour, darkColour, mailType, radius, space, stroke } from "../theme.ts";
import { darkEdge, Mark, markRules } from "./mark.tsx";
import { Data, usePart, useText, Value } from "./merge.tsx";

/** Room after the preheader, so that a client's list does not go on with the first lines of the mail. */
const PREHEADER_FILLER = "\u2007\u034f ".repeat(80);

/**
 * Inline styles are the light design; these are the dark one, for clients that ask (`prefers-color-scheme`) and for
 * Outlook's apps (`data-ogsc`). Clients that know neither show the light design, which stands by itself.
 */
const darkRules = [
  [".page", `background-color:${darkColour.page}`],
  [".paper", `background-color:${darkColour.paper}`],
  [".panel", `background-color:${darkColour.surface}`],
  [".ink", `color:${darkColour.ink}`],
  [".text", `color:${darkColour.text}`],
  [".muted", `color:${darkColour.muted}`],
  [".brand", `color:${darkColour.brand}`],
  [".edge", `background-color:${darkEdge}`],
  [".line", `border-color:${darkColour.line}`],
  [".positive", `color:${darkColour.positive}`, `background-color:${darkColour.positiveSurface}`],
  [".warning", `color:${darkColour.warning}`, `background-color:${darkColour.warningSurface}`],
  [".negative", `color:${darkColour.negative}`, `background-color:${darkColour.negativeSurface}`],
] as const;

const rules = (prefix: string) =>
  darkRules.map(([selector, ...declarations]) => `${prefix}${selector}{${declarations.map((d) => `${d} !important`).join(";")}}`).join("");

const styleSheet = [
  // Outlook on Windows: no font comes down into a table, and lines are as high as they are told only by its own rule.
  `td,th{font-family:${mailType.family}}td,th,p,h1,h2{mso-line-height-rule:exactly}`,
  markRules,
  ":root{color-scheme:light dark;supported-color-schemes:light dark}",
  `@media (prefers-color-scheme:dark){${rules("")}}`,
  rules("[data-ogsc] "),
  `@media (max-width:480px){.paper{padding:${space.l}px ${space.m}px !important}.panel{padding:${space.s}px ${space.sm}px !important}`,
  `.panel td{font-size:${mailType.small}px !important}.label{width:42% !important;padding-right:${space.s}px !important}}`,
].join("");

type MailProps = {
  /** The template's sample data in the preview. */
  data: object;
  /** The subject: also the document's title, which a browser's tab and a screen reader say first. */
  subject: string;
  /** The line a mail client shows beside the subject. */
  preheader: ReactNode;
  children: ReactNode;
};

/** The frame of every mail: language, preheader, the brand's head, the paper, and who we are. */
export function Mail({ data, subject, preheader, children }: MailProps) {
  return (
    <Data of={data}>
      <Frame subject={subject} preheader={preheader}>
        {children}
      </Frame>
    </Data>
  );
}

function Frame({ subject, preheader, children }: Omit<MailProps, "data">) {
  const title = useText(subject);
  if (usePart() === "text") {
    return (
      <div>
        {children}
        <TextSignature />
      </div>
    );
  }
  return (
    <Html lang="en-ZA" dir="ltr">
      <Head>
        <title>{title}</title>
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{styleSheet}</style>
      </Head>
      <body className="page" style={style.page}>
        {/* Clients show a mail within a page of theirs and keep nothing of <html>: the mail says itself what it is. */}
        {/* biome-ignore lint/a11y/useSemanticElements: half of the clients drop <article> and keep <div> */}
        <div role="article" aria-roledescription="email" aria-label={title} lang="en-ZA" dir="ltr">
          <div style={style.preheader}>
            {preheader}
            {PREHEADER_FILLER}
          </div>
          {/* Some clients keep nothing of <body>: the ground is a table of its own. */}
          <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} style={style.fullWidth}>
            <tbody>
              <tr>
                <td className="page" style={style.ground}>
                  <Container style={style.container}>
                    <Brand />
                    <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} style={style.fullWidth}>
                      <tbody>
                        <tr>
                          <td className="paper" style={style.paper}>
                            {children}
                          </td>
                        </tr>
                      </tbody>
                    </table>
                    <Signature />
                  </Container>
                </td>
              </tr>
            </tbody>
          </table>
        </div>
      </body>
    </Html>
  );
}

function Brand() {
  return (
    <table role="presentation" cellPadding={0} cellSpacing={0} style={style.brand}>
      <tbody>
        <tr>
          <td>
            <Mark />
          </td>
          <td className="ink" style={style.brandName}>
            <Value of="supplier.tradingName" />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function Signature() {
  return (
    <p className="muted" style={style.signature}>
      <Value of="supplier.legalName" />
      {" · "}
      <Value of="supplier.address" />
      <br />
      {"Reg. no. "}
      <Value of="supplier.registrationNumber" />
      {" · VAT no. "}
      <Value of="supplier.vatNumber" />
      <br />
      <Value of="supplier.email" />
      {" · "}
      <Value of="supplier.phone" />
    </p>
  );
}

function TextSignature() {
  return (
    <section>
      <div>{"--"}</div>
      <div>
        <Value of="supplier.legalName" />
      </div>
      <div>
        <Value of="supplier.address" />
      </div>
      <div>
        {"Reg. no. "}
        <Value of="supplier.registrationNumber" />
        {", VAT no. "}
        <Value of="supplier.vatNumber" />
      </div>
      <div>
        <Value of="supplier.email" />
        {", "}
        <Value of="supplier.phone" />
      </div>
    </section>
  );
}

const style = {
  page: { backgroundColor: colour.surface, margin: 0, padding: 0, fontFamily: mailType.family },
  ground: { backgroundColor: colour.surface, padding: `${space.l}px ${space.s}px`, fontFamily: mailType.family },
  preheader: { display: "none", overflow: "hidden", lineHeight: "1px", opacity: 0, maxHeight: 0, maxWidth: 0 },
  container: { maxWidth: "600px", width: "100%", margin: "0 auto" },
  fullWidth: { width: "100%", tableLayout: "fixed" },
  brand: { margin: `0 0 ${space.m}px 0` },
  brandName: {
    paddingLeft: `${space.sm}px`,
    fontSize: `${mailType.title}px`,
    lineHeight: "28px",
    fontWeight: 700,
    letterSpacing: "0.2px",
    color: colour.ink,
  },
  paper: {
    backgroundColor: colour.paper,
    borderTop: `${stroke.brand}px solid ${colour.brand}`,
    borderRadius: `${radius.panel}px`,
    padding: `${space.xl}px ${space.xl + space.s}px`,
  },
  signature: { margin: `${space.l}px 0 0 0`, fontSize: `${mailType.small}px`, lineHeight: "20px", color: colour.muted },
} as const satisfies Record<string, CSSProperties>;
