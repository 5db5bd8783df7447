/** The API's host name: its certificate and records, and in prod and its standby the failover between the two regions. */
import { ownsData, stage } from "./context.ts";

/** The host's settings for the API, and what is to be watched once the API exists; nothing for a personal stage. */
export function createDomain() {
  if (stage.domain === undefined || stage.hostedZone === undefined) return undefined;
  const failover = stage.recoveryRegion ? "PRIMARY" : ownsData ? undefined : "SECONDARY";
  const healthCheck = Promise.withResolvers<$util.Output<string>>();
  const zone = aws.route53.getZoneOutput({ name: stage.hostedZone }).zoneId;
  return {
    settings: {
      name: stage.domain,
      dns: sst.aws.dns({
        zone,
        // Both regions prove the same host, so their certificates' validation record is one and the same.
        override: failover !== undefined,
        transform: {
          record: (args, opts) => {
            if (failover === undefined) return;
            if (args.type === "CNAME") {
              opts.retainOnDelete = true;
              return;
            }
            args.setIdentifier = stage.region;
            args.failoverRoutingPolicies = [{ type: failover }];
            if (failover === "PRIMARY") args.healthCheckId = $output(healthCheck.promise);
          },
        },
      }),
    },
    watch(api: sst.aws.ApiGatewayV2) {
      if (failover === "PRIMARY") healthCheck.resolve(watchHealth(api));
    },
  };
}

/** Asks the region's own endpoint, not the shared host: that one moves with the failover. */
function watchHealth(api: sst.aws.ApiGatewayV2) {
  const check = new aws.route53.HealthCheck("ApiHealth", {
    type: "HTTPS",
    fqdn: api.nodes.api.apiEndpoint.apply((endpoint) => new URL(endpoint).host),
    port: 443,
    resourcePath: "/health",
    requestInterval: 30,
    failureThreshold: 3,
  });
  return check.id;
}
