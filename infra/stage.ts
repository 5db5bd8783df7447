/**
 * The stage table: every fact that differs from stage to stage, and nothing else. Pure data: the infrastructure,
 * the one-machine stack and the operators' command line read it; no AWS call, no environment.
 */

/** A fact that is not known in this repository. A deploy of sit or prod refuses every value that starts with this word. */
export const PLACEHOLDER = "PLACEHOLDER";
const placeholder = (what: string) => `${PLACEHOLDER} ${what}`;

/** The legal facts a tax invoice must carry (VAT Act 89 of 1991, s 20(4)) and how to pay by EFT. */
export type Supplier = {
  legalName: string;
  tradingName: string;
  registrationNumber: string;
  vatNumber: string;
  address: string[];
  email: string;
  phone: string;
  website: string;
  bank: { name: string; accountName: string; accountNumber: string; branchCode: string };
};

export type Stage = {
  /** AWS account the stage lives in; undefined for a developer's own stage (any account but the three below). */
  account: string | undefined;
  region: string;
  /** Region of the replica table, the replicated documents and the standby stage. */
  recoveryRegion: string | undefined;
  /** Stage whose table and buckets this one references instead of owning them (the standby stage in another region). */
  recoveryOf: string | undefined;
  /**
   * False for a cold standby, whose counters may be behind: nothing there gives a number, and its stream readers are off.
   * A failover turns one stage on and the other off.
   */
  active: boolean;
  /** Host of the API, without base path, so that a `Location` header resolves. */
  domain: string | undefined;
  hostedZone: string | undefined;
  portalUrl: string;
  adminUrl: string;
  /** Browser origins that may call the API. */
  corsOrigins: string[];
  token: { issuer: string; audiences: string[] };
  /** Requests per second and burst, of the whole API and of the guests' create route. */
  throttle: { rate: number; burst: number; guestRate: number; guestBurst: number };
  /** Orders a guest may create per e-mail and hour; 0 = no limit. */
  guestOrdersPerHour: number;
  mail: {
    domain: string | undefined;
    from: string;
    internalFrom: string;
    replyTo: string;
    internalRecipients: string[];
    /** Domains mail may be sent to; empty = everyone. */
    allowList: string[];
  };
  alarmRecipients: string[];
  logRetentionDays: 7 | 30 | 90;
  queueRetentionDays: number;
  /** Days until a document is deleted. Companies Act 71 of 2008 s 24 and the Tax Administration Act s 29: 7 years in prod. */
  documentRetentionDays: number;
  tracing: boolean;
  /** Everything is kept on `sst remove`, deletes are denied, the table is protected. */
  protect: boolean;
  budgetUsd: number | undefined;
  /** Alarms beyond dead letters and budget. */
  fullMonitoring: boolean;
  /** Base URLs of the product and campaign services; empty = the seed catalogue in this repository. */
  catalogueUrl: string;
  campaignUrl: string;
  supplier: Supplier;
};

const SES_SIMULATOR = "simulator.amazonses.com";

const sampleSupplier: Supplier = {
  legalName: "Big Beard Web Solutions (Pty) Ltd",
  tradingName: "BBWS",
  registrationNumber: "2015/000000/07",
  vatNumber: "4000000000",
  address: ["1 Sample Street", "Cape Town 8001", "South Africa"],
  email: "support@kimmyai.io",
  phone: "+27 21 000 0000",
  website: "https://kimmyai.io",
  bank: { name: "Sample Bank", accountName: "Big Beard Web Solutions", accountNumber: "0000000000", branchCode: "000000" },
};

const unknownSupplier: Supplier = {
  legalName: placeholder("supplier's legal name"),
  tradingName: "BBWS",
  registrationNumber: placeholder("supplier's company registration number"),
  vatNumber: placeholder("supplier's VAT number"),
  address: [placeholder("supplier's address")],
  email: "support@kimmyai.io",
  phone: placeholder("supplier's telephone number"),
  website: "https://kimmyai.io",
  bank: {
    name: placeholder("bank"),
    accountName: placeholder("bank account name"),
    accountNumber: placeholder("bank account number"),
    branchCode: placeholder("bank branch code"),
  },
};

const dev: Stage = {
  account: "536580886816",
  region: "af-south-1",
  recoveryRegion: undefined,
  recoveryOf: undefined,
  active: true,
  domain: "orders-api.dev.kimmyai.io",
  hostedZone: "dev.kimmyai.io",
  portalUrl: "https://dev.kimmyai.io",
  adminUrl: "https://admin.dev.kimmyai.io",
  corsOrigins: ["https://dev.kimmyai.io", "https://portal.dev.kimmyai.io", "http://localhost:5173"],
  token: { issuer: "https://cognito-idp.af-south-1.amazonaws.com/af-south-1_devPortal", audiences: ["bbws-portal-dev"] },
  throttle: { rate: 1000, burst: 2000, guestRate: 100, guestBurst: 200 },
  guestOrdersPerHour: 20,
  mail: {
    domain: "kimmyai.io",
    from: "test@kimmyai.io",
    internalFrom: "orders@kimmyai.io",
    replyTo: "support@kimmyai.io",
    internalRecipients: ["support@kimmyai.io", "sales@kimmyai.io"],
    allowList: ["kimmyai.io", SES_SIMULATOR],
  },
  alarmRecipients: ["alerts-dev@kimmyai.io"],
  logRetentionDays: 7,
  queueRetentionDays: 4,
  documentRetentionDays: 30,
  tracing: false,
  protect: false,
  budgetUsd: 500,
  fullMonitoring: false,
  catalogueUrl: "",
  campaignUrl: "",
  supplier: sampleSupplier,
};

const sit: Stage = {
  ...dev,
  account: "815856636111",
  domain: "orders-api.sit.kimmyai.io",
  hostedZone: placeholder("hosted zone of sit"),
  portalUrl: "https://sit.kimmyai.io",
  adminUrl: "https://admin.sit.kimmyai.io",
  corsOrigins: ["https://sit.kimmyai.io", "https://portal.sit.kimmyai.io", "http://localhost:5173"],
  token: { issuer: placeholder("token issuer of sit"), audiences: [placeholder("token audience of sit")] },
  throttle: { rate: 5000, burst: 10000, guestRate: 500, guestBurst: 1000 },
  mail: { ...dev.mail, internalRecipients: [placeholder("internal recipients of sit")] },
  alarmRecipients: [placeholder("alarm recipients of sit")],
  logRetentionDays: 30,
  documentRetentionDays: 60,
  tracing: true,
  budgetUsd: 1000,
  fullMonitoring: true,
  supplier: unknownSupplier,
};

const prod: Stage = {
  ...sit,
  account: "093646564004",
  recoveryRegion: "eu-west-1",
  domain: "orders-api.kimmyai.io",
  hostedZone: placeholder("hosted zone of prod"),
  portalUrl: "https://portal.kimmyai.io",
  adminUrl: "https://admin.kimmyai.io",
  corsOrigins: ["https://kimmyai.io", "https://www.kimmyai.io", "https://portal.kimmyai.io"],
  token: { issuer: placeholder("token issuer of prod"), audiences: [placeholder("token audience of prod")] },
  throttle: { rate: 10000, burst: 20000, guestRate: 1000, guestBurst: 2000 },
  guestOrdersPerHour: 10,
  mail: {
    ...dev.mail,
    from: "noreply@kimmyai.io",
    internalRecipients: [placeholder("internal recipients of prod")],
    allowList: [],
  },
  alarmRecipients: [placeholder("alarm recipients of prod")],
  logRetentionDays: 90,
  queueRetentionDays: 14,
  documentRetentionDays: 7 * 365 + 2,
  protect: true,
  budgetUsd: 5000,
};

/** The cold standby in the recovery region: functions, queues and API; the data is prod's replica. */
const prodDr: Stage = { ...prod, region: "eu-west-1", recoveryRegion: undefined, recoveryOf: "prod", active: false, budgetUsd: undefined };

/** The named stages. */
export const stages = { dev, sit, prod, "prod-dr": prodDr } as const satisfies Record<string, Stage>;

/** Account ids a personal stage must never be deployed to. */
export const sharedAccounts = [dev.account, sit.account, prod.account] as string[];

/** A developer's own stage: dev's facts without its account, domain, mail identity and alarms. */
const personal: Stage = {
  ...dev,
  account: undefined,
  domain: undefined,
  hostedZone: undefined,
  portalUrl: "http://localhost:5173",
  adminUrl: "http://localhost:5173/admin",
  corsOrigins: ["http://localhost:5173"],
  mail: { ...dev.mail, domain: undefined },
  alarmRecipients: [],
  budgetUsd: undefined,
};

/** The facts of a stage; any name outside the table is a personal stage. */
export function stageOf(name: string): Stage {
  return (stages as Record<string, Stage>)[name] ?? personal;
}

/** The standby stage of a stage, e.g. `prod-dr` of `prod`. */
export function recoveryStageOf(name: string): string | undefined {
  return Object.entries<Stage>(stages).find(([, stage]) => stage.recoveryOf === name)?.[0];
}

/** True for every stage that is not in the table. */
export function isPersonal(name: string): boolean {
  return !(name in stages);
}

/** The paths of all facts that are still placeholders, e.g. `supplier.vatNumber`. */
export function placeholdersOf(stage: Stage): string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: string) => {
    if (typeof value === "string" && value.startsWith(PLACEHOLDER)) found.push(path);
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
  };
  walk(stage, "");
  return found;
}
