/**
 * Stands in for Node's `module` in the bundles. pdfkit requires the metrics of the standard fonts by a package-internal
 * name at run time, when a document is opened; a bundler cannot see that, and in a bundle of one file the name leads
 * nowhere. Helvetica and its cuts are what react-pdf opens at start. No document prints in a standard font, so one set
 * of metrics serves for all four.
 */
import { createRequire as nodeCreateRequire } from "node:module";
import Helvetica from "pdfkit/standard-fonts/Helvetica";

const STANDARD_FONTS = "#standard-fonts/";

export function createRequire(from: string | URL): NodeJS.Require {
  const require = nodeCreateRequire(from);
  const resolving = (id: string) => (id.startsWith(STANDARD_FONTS) ? metricsOf(id.slice(STANDARD_FONTS.length)) : require(id));
  return Object.assign(resolving, require);
}

/** `HelveticaBold` carries the name `Helvetica-Bold`. */
function metricsOf(id: string) {
  if (!id.startsWith(Helvetica.name)) throw new Error(`no metrics of ${id} in this bundle`);
  const cut = id.slice(Helvetica.name.length);
  return { ...Helvetica, name: cut ? `${Helvetica.name}-${cut}` : Helvetica.name };
}
