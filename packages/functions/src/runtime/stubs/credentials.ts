/**
 * Stands in for `@aws-sdk/credential-provider-node`. Lambda hands a function its role's credentials in the environment;
 * the chain behind that (SSO, profiles, processes, web identity, instance metadata) is a third of the SDK.
 */
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
