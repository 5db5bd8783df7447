/** How addresses and telephone numbers are written, on documents and in mails. */

/** Loaded with the first country abroad: the tables of names take tens of milliseconds, and most orders need none. */
let countryNames: Intl.DisplayNames | undefined;

/** A country's English name; a code that names none stays as it is. */
export function countryName(code: string): string {
  if (code === "ZA") return "South Africa";
  if (!/^[A-Z]{2}$/.test(code)) return code;
  countryNames ??= new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });
  return countryNames.of(code) ?? code;
}

/** A telephone number in E.164 as South Africans read it, e.g. `+27 82 123 4567`; numbers of other countries stay as they are. */
export function formatPhone(number: string): string {
  return number.replace(/^\+27(\d{2})(\d{3})(\d{4})$/, "+27 $1 $2 $3");
}
