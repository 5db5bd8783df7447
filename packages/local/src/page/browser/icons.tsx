/** @jsxImportSource preact */
import { logo } from "@bbws/core/theme.ts";

/** The mark and the few signs of the page; decoration next to words, hidden from screen readers. */

const sign = (path: string) => () => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d={path} fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" />
  </svg>
);

export const CheckIcon = sign("M4.5 10.5l3.6 3.6 7.4-8.2");
export const StopIcon = sign("M10 5.5v5.5M10 14.4v.1");
export const DocumentIcon = sign("M5.5 2.8h6l3 3v11.4h-9zM11.3 2.8v3.2h3.2M8 10h4M8 13h4");
export const MailIcon = sign("M3 5.2h14v9.6H3zM3.4 5.6L10 10.8l6.6-5.2");
export const CrossIcon = sign("M5.5 5.5l9 9M14.5 5.5l-9 9");
export const OutIcon = sign("M8 4.5H4.5v11h11V12M11.5 4.5h4v4M15.2 4.8L9.5 10.5");
export const DownIcon = sign("M10 3.5v9M6.2 9l3.8 3.8L13.8 9M4 16.5h12");

export const Mark = () => (
  <svg class="mark" viewBox={`0 0 ${logo.size} ${logo.size}`} aria-hidden="true">
    <path class="mark-beard" d={logo.beard} />
    <path class="mark-moustache" d={logo.moustache} />
  </svg>
);
