/**
 * The brand's tokens: the one place where colours, type and spacing of the documents and the mails are decided. Pure
 * data, no dependency. Colours are six-digit hex; contrast of text on its ground is at least 4.5 : 1 (WCAG AA).
 */
export const colour = {
  /** Headings and amounts. */
  ink: "#17212b",
  /** Running text. */
  text: "#364152",
  /** Labels and small print. */
  muted: "#667085",
  line: "#dfe3e8",
  /** Ground of panels. */
  surface: "#f6f4f0",
  paper: "#ffffff",
  /** The brand: ginger, as the beard. */
  brand: "#b4471f",
  onBrand: "#ffffff",
  positive: "#1b7145",
  positiveSurface: "#e9f5ee",
  warning: "#8a5300",
  warningSurface: "#fdf3e1",
  negative: "#b3261e",
  negativeSurface: "#fcecea",
} as const;

/** The same roles on a dark ground, for mail clients that show mail in the dark. */
export const darkColour = {
  ink: "#f4f5f7",
  text: "#d3d9e0",
  muted: "#a3adba",
  line: "#3a4552",
  surface: "#232d38",
  paper: "#17212b",
  page: "#0f161d",
  brand: "#ff9d6e",
  positive: "#7fd6a6",
  positiveSurface: "#17372a",
  warning: "#f3c26b",
  warningSurface: "#3a2c12",
  negative: "#ff9c94",
  negativeSurface: "#43201d",
} as const;

/** Room between and around things. Points in documents, pixels in mails. */
export const space = { xxs: 2, xs: 4, s: 8, sm: 12, m: 16, l: 24, xl: 32, xxl: 48 } as const;

/** Sizes of type in documents (points). */
export const documentType = { display: 25, title: 18, total: 13, heading: 11, lead: 10, body: 9, small: 7.8 } as const;

/** Sizes of type in mails (pixels) and the fonts that every client has. */
export const mailType = {
  family: "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  display: 26,
  title: 20,
  heading: 17,
  body: 16,
  table: 15,
  small: 13,
} as const;

/** Corners. Points in documents, pixels in mails. */
export const radius = { panel: 6, button: 6, badge: 13 } as const;

/** Thickness of lines: between rows, under heads and over totals, around the stamp, and the brand's bar. Points in documents; mails know whole pixels only. */
export const stroke = { row: 0.6, head: 1, stamp: 1.6, brand: 4 } as const;

/**
 * The mark, in a 32 x 32 box: a full beard under a moustache. Drawn, not an image: it needs no file, no network and no
 * transparency, and scales. Documents and the page fill the paths; mails, which can show neither paths nor images everywhere,
 * draw them as coloured cells. Commands M, L, C and Z with absolute coordinates.
 */
export const logo = {
  size: 32,
  beard:
    "M4 3 C6 8 9.5 9.4 16 9.4 C22.500 9.4 26 8 28 3 C30.400 10 29.900 19 26.200 24.400 C23.700 28.100 19.800 30.300 16 31.400 C12.200 30.300 8.300 28.100 5.800 24.400 C2.100 19 1.600 10 4 3 Z",
  moustache:
    "M16 13.200 C14.300 11.500 11.800 11.600 10.400 13.300 C9.300 14.600 8 14.900 6.500 14.300 C7.400 17.200 11.500 18.700 16 15.900 C20.500 18.700 24.600 17.200 25.500 14.300 C24 14.900 22.700 14.600 21.600 13.300 C20.200 11.600 17.700 11.500 16 13.200 Z",
} as const;
