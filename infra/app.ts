/** The app's policy per stage: what `sst remove` may take away, and which account the deploy must be in. Pure data. */
import { isPersonal, sharedAccounts, stageOf } from "./stage.ts";

export const appName = "bbws-order";

/** Tags of every resource, in every region. */
export function tagsOf(stageName: string) {
  return {
    Project: "BBWS Customer Portal",
    Application: "CustomerPortalPublic",
    Component: "OrderLambda",
    CostCenter: "BBWS-CPP",
    Environment: stageName,
    ManagedBy: "SST",
  };
}

/**
 * The most that any role of this app may do, made with the deploy role, which makes no role without it. A personal
 * stage's account has no such policy.
 */
export function permissionsBoundaryOf(stageName: string): string | undefined {
  const { account } = stageOf(stageName);
  return account && `arn:aws:iam::${account}:policy/bbws-order-boundary`;
}

/** Which AWS accounts a stage may touch: its own, or for a personal stage any but the shared three. */
export function accountGuardOf(stageName: string) {
  const { account } = stageOf(stageName);
  return account === undefined ? { forbiddenAccountIds: sharedAccounts } : { allowedAccountIds: [account] };
}

/** SST's `app()` for a stage. */
export function appOf(stageName: string) {
  const stage = stageOf(stageName);
  const kept = !isPersonal(stageName) && stageName !== "dev";
  return {
    name: appName,
    home: "aws" as const,
    removal: kept ? ("retain" as const) : ("remove" as const),
    protect: stage.protect,
    providers: {
      aws: {
        region: stage.region as "af-south-1",
        ...accountGuardOf(stageName),
        defaultTags: { tags: tagsOf(stageName) },
      },
    },
  };
}
