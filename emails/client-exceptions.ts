/** The clients that every template is checked for, as caniemail.com names them. */
export const clients = [
  "gmail.desktop-webmail",
  "gmail.android",
  "gmail.ios",
  "outlook.windows",
  "outlook.macos",
  "outlook.outlook-com",
  "outlook.ios",
  "outlook.android",
  "apple-mail.*",
  "yahoo.*",
  "samsung-email.android",
] as const;

/** What the templates use although one of these clients does not know it, and what its reader sees instead. */
export const exceptions: Record<string, string> = {
  "color-scheme CSS property": "The light design, or the client's own dark one.",
  "color-scheme meta tag": "The light design, or the client's own dark one.",
  "@media": "The light design in full width; Outlook on Windows is wide.",
  "Attribute selector": "Only Outlook's own apps are meant by [data-ogsc].",
  "overflow-wrap": "A word longer than the line widens its cell; word-break helps where it is known.",
  "word-break": "A word longer than the line widens its cell; overflow-wrap helps where it is known.",
  "white-space": "An amount may break after its comma.",
  "table-layout": "A very long word may widen the paper.",
  "border-radius": "Square corners.",
  "height property": "The mark's cells are as high as their text, which is one pixel.",
  "text-decoration-line": "The client's own underline.",
  "<body> element": "A table carries the ground.",
  "target attribute": "The client decides where a link opens.",
  "aria-label attribute": "A screen reader starts with the heading instead of the subject.",
  opacity: "The preheader is hidden by display: none.",
  overflow: "The preheader is hidden by display: none.",
  "max-height property": "The preheader is hidden by display: none.",
};
