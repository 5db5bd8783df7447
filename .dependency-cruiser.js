/**
 * The rules of the house (who may import whom), held by `npm run check`.
 * @type {import("dependency-cruiser").IConfiguration}
 */

const packages = (...names) => `^packages/(${names.join("|")})/`;

/** What of `packages` is plain data and may be read by the infrastructure. */
const PURE_DATA = "^packages/(functions/src/api/routes|core/src/order/(events|order|numbering)|core/src/mail/mails)[.]ts$";

export default {
  forbidden: [
    {
      name: "core-knows-nobody",
      comment: "The domain depends on nothing of ours but itself.",
      severity: "error",
      from: { path: packages("core") },
      to: { path: ["^packages/(?!core/)", "^infra/", "^emails/", "^test/"] },
    },
    {
      name: "core-has-no-framework",
      comment: "The domain knows the table, no other AWS service, no HTTP framework and no linked resource.",
      severity: "error",
      from: { path: "^packages/core/src/" },
      to: { path: "(^|/)node_modules/(hono|sst|@aws-lambda-powertools|@aws-sdk/client-(?!dynamodb/))" },
    },
    {
      name: "functions-run-anywhere",
      comment: "A deployed function contains nothing of the one-machine stack or the operators' command line.",
      severity: "error",
      from: { path: packages("functions") },
      to: { path: [packages("local", "ops"), "^test/"] },
    },
    {
      name: "functions-take-no-infrastructure",
      comment: "Stage facts reach a function by its environment, resources by link.",
      severity: "error",
      from: { path: packages("core", "functions", "client") },
      to: { path: "^infra/" },
    },
    {
      name: "one-place-reads-resources",
      comment: "Linked resources are read in runtime/config.ts and nowhere else.",
      severity: "error",
      from: { path: "^packages/", pathNot: "^packages/functions/src/runtime/config[.]ts$" },
      to: { path: "(^|/)node_modules/sst/" },
    },
    {
      name: "one-place-makes-clients",
      comment: "AWS clients of the functions are made in runtime; handlers and middleware use those.",
      severity: "error",
      from: { path: "^packages/core/src/", pathNot: "^packages/core/src/table[.]ts$" },
      to: { path: "(^|/)node_modules/@aws-sdk/client-dynamodb/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "packages-read-settings-only",
      comment: "Of the infrastructure the one-machine stack and the command line read the settings and the stage table, nothing else.",
      severity: "error",
      from: { path: packages("local", "ops") },
      to: { path: "^infra/(?!(settings|stage)[.]ts$)" },
    },
    {
      name: "infra-reads-pure-data-only",
      comment: "The infrastructure takes key and event names from the packages, never code that runs.",
      severity: "error",
      from: { path: "^infra/" },
      to: { path: "^packages/", pathNot: PURE_DATA },
    },
    {
      name: "settings-are-pure-data",
      comment: "Everything reads these two files: they read nobody.",
      severity: "error",
      from: { path: "^infra/(settings|stage)[.]ts$" },
      to: { pathNot: "^infra/(settings|stage)[.]ts$" },
    },
    {
      name: "client-runs-in-a-browser",
      comment: "The portal's client shares types with the service and carries none of its code.",
      severity: "error",
      from: { path: "^packages/client/src/" },
      to: { path: ["^packages/(?!client/)", "(^|/)node_modules/@aws-sdk/"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "templates-stay-out-of-functions",
      comment: "Mail templates are published, not compiled in: of the components only their rendered copy is bundled.",
      severity: "error",
      from: { path: packages("core", "functions") },
      to: { path: "(^|/)node_modules/(react-email|@react-email)/" },
    },
    {
      name: "no-barrels-in-core",
      comment: "Import the file that has the idea.",
      severity: "error",
      from: {},
      to: { path: "^packages/core/src/.*index[.]tsx?$" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    {
      name: "nothing-unresolvable",
      severity: "error",
      from: { path: "^(packages|emails)/" },
      to: { couldNotResolve: true, pathNot: "^(aws-lambda|node:|bun:)" },
    },
    {
      name: "declared-dependencies-only",
      comment: "A package states what it imports in its own package.json.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "tests-stay-out-of-the-product",
      severity: "error",
      from: { path: "^(packages|emails|infra)/" },
      to: { path: ["^test/", "(^|/)node_modules/(vitest|fast-check|playwright-core)/"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|[.]sst/" },
    exclude: { path: "[.](sst|build|local)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".json"],
    },
  },
};
