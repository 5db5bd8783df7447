import { join } from "node:path";
import { bundleFunction, repositoryRoot } from "@bbws/local/bundle.ts";
import { environmentOf, type LocalResources } from "@bbws/local/lambda/environment.ts";
import { type FunctionName, functions } from "../../../infra/settings.ts";

export const functionNames = Object.keys(functions) as FunctionName[];

/** A function as it is deployed. The one-machine stack uses the same build. */
export const builtFunction = (name: FunctionName) => bundleFunction(name, join(repositoryRoot, ".build"));

/** Endpoints where nobody listens: for what never gets so far as to ask. */
const nowhere = "http://127.0.0.1:1";

/** A function's whole environment. */
export function lambdaEnvironment(name: FunctionName, resources: Partial<LocalResources> = {}): Record<string, string> {
  return environmentOf(name, {
    apiUrl: nowhere,
    queueUrl: (physical) => `${nowhere}/000000000000/${physical}`,
    secrets: { LinkSigningKey: "benchmark-key", PreviousLinkSigningKey: "" },
    endpoints: { dynamodb: nowhere, sqs: nowhere, s3: nowhere, ses: nowhere, jwks: `${nowhere}/jwks` },
    timeScale: 1,
    ...resources,
  });
}
