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
export const unsupported: Record<string, string> = {
  "color-scheme CSS property": "The client shows the light design, or darkens it in its own way.",
  "color-scheme meta tag": "The client shows the light design, or darkens it in its own way.",
  "@media": "The client shows the light design, laid out for a wide screen. Outlook on Windows, which never reads it, has one.",
  "Attribute selector": "The rules for [data-ogsc] speak to Outlook's own apps, which know them; nobody else needs them.",
  "overflow-wrap": "A word longer than the line widens its cell, unless the client knows word-break.",
  "word-break": "A word longer than the line widens its cell, unless the client knows overflow-wrap.",
  "white-space": "An amount may break after its comma.",
  "table-layout": "A very long word may widen the paper.",
  "border-radius": "Corners are square.",
  "height property": "The rows of the mark are as high as their text, which is set to one pixel.",
  "text-decoration-line": "Nothing changes: text-decoration, which stands beside it, underlines the link.",
  "<body> element": "Nothing changes: a table carries the background as well.",
  "target attribute": "The client decides where a link opens.",
  "aria-label attribute": "A screen reader starts with the heading instead of the subject.",
  opacity: "Nothing changes: display: none hides the preheader.",
  overflow: "Nothing changes: display: none hides the preheader.",
  "max-height property": "Nothing changes: display: none hides the preheader.",
};

/** What the templates use although one of these clients knows only a part of it or has it wrong, and why that does no harm. */
export const partlySupported: Record<string, string> = {
  "!important keyword": "It works in small letters, after a space and in a style sheet, which is how it is written here.",
  "<body> element": "Gmail, Yahoo and Outlook put a <div> in its place. A table carries the background as well.",
  "<style> element":
    "Gmail takes it in the head only and up to 16 KB; both hold. With another provider's account it drops it and shows the light design.",
  "@media":
    "Yahoo, and Gmail with another provider's account, miss the one for the dark and show the light design. None is nested or asks for a height.",
  "Attribute selector": "Only [data-ogsc] is used, which Outlook's own apps set and know.",
  "Class selector": "Gmail with another provider's account reads no style sheet and shows the light design.",
  "Descendant combinator": "Gmail with another provider's account reads no style sheet and shows the light design.",
  "Type selector": "Gmail with another provider's account reads no style sheet. It needs no rule to use the mail's font inside tables.",
  "align attribute": "Outlook on the Mac knows only center on a table; nothing else is used.",
  background: "Outlook on Windows knows colours only; only background-color is used.",
  border: "Outlook on Windows draws at most 8 pixels, and is sure of it on cells; ours stand on cells and have at most 4.",
  "border-radius": "Elliptical corners fail in Yahoo; there are none.",
  "dir attribute": "Outlook on Windows has it wrong on links; it stands on the mail and around what customers wrote.",
  display: "Outlook on Windows knows none only: button and badge stand there without inline-block. Flex and grid are not used.",
  "display:none": "Outlook on Windows shows tables and images inside all the same; the preheader has neither.",
  "font-size": "Rem and percentages fail; all sizes are in pixels.",
  "font-weight": "Outlook on Windows knows regular and bold only, and shows 600 as bold, which is what it is for.",
  "height property": "Outlook on Windows knows it on tables and cells; it stands on the mark's table.",
  "lang attribute": "Yahoo drops it on cells; it stands on <html> and on the mail's <div>.",
  "letter-spacing": "Outlook on Windows has large negative and relative values wrong; ours is a fifth of a pixel.",
  "line-height": "Outlook on Windows takes it with mso-line-height-rule: exactly, which is set; the button brings Outlook's own.",
  "mailto: links": "Yahoo on Android does not know bcc; the links name an address only.",
  margin:
    "Negative ones fail; there are none. Outlook on Windows does not know auto, beside which align stands, and fills margins with an element's colour; panels have theirs on a cell, which has no margin.",
  "max-width":
    "It stands on the mail's table: Apple Mail on a phone, which is narrower anyway, ignores it there, and Outlook on Windows knows it only there.",
  overflow: "Nothing changes: display: none hides the preheader.",
  "overflow-wrap": "A long word may break where another client widens the cell.",
  padding: "Outlook on Windows knows it on table cells only: the button brings Outlook's own, and the badge is as narrow as its word.",
  "role attribute": "Yahoo keeps it on tables, so that those of the layout are not read out; the mail itself is a plain <div> there.",
  "target attribute": "A link opens in a window of its own anyway.",
  "text-align": "Start, end and match-parent fail; only left and right are used.",
  "text-decoration":
    "Outlook on Windows takes one value, and one is given. Gmail with another provider's account underlines links as it likes.",
  "white-space": "Pre fails; only nowrap is used. Gmail with another provider's account drops it, and an amount may break after its comma.",
  "width attribute":
    "Outlook on Windows has it wrong on images, and does not enlarge it with the text: there are no images, and the mark stays 28 pixels.",
  "width property": "Outlook on Windows knows it on tables and cells, where it stands.",
  "word-break": "A long word may break where another client widens the cell.",
};
