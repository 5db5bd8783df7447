/** Stands in for `@aws-sdk/middleware-endpoint-discovery`: DynamoDB's client carries it, none of its operations asks for it. */

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};

export const resolveEndpointDiscoveryConfig = <Config>(config: Config): Config => config;
