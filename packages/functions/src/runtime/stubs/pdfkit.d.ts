declare module "pdfkit/standard-fonts/Helvetica" {
  /** Adobe's metrics of a standard font. */
  const metrics: { name: string };
  // biome-ignore lint/style/noDefaultExport: the module has one
  export default metrics;
}
