import { describe, expect, it } from "vitest";
import { type Plan, planOf } from "./harness/plan.ts";
import { everyStage, namedStages } from "./stages.ts";

/** api.md's table of routes, by hand: who answers, and whether the gateway asks for a token. */
const routes = [
  ["POST /v1.0/orders", "CreateOrder", "NONE"],
  ["POST /v1.0/tenants/{tenantId}/orders", "CreateOrder", "JWT"],
  ["GET /v1.0/orders/{orderId}", "GetOrder", "JWT"],
  ["GET /v1.0/tenants/{tenantId}/orders/{orderId}", "GetOrder", "JWT"],
  ["GET /v1.0/links/orders/{orderId}/status", "GetOrder", "NONE"],
  ["GET /v1.0/links/orders/{orderId}/invoice", "GetOrder", "NONE"],
  ["GET /v1.0/orders/{orderId}/invoice", "GetOrder", "JWT"],
  ["GET /v1.0/tenants/{tenantId}/orders", "ListOrders", "JWT"],
  ["GET /v1.0/orders", "ListOrders", "JWT"],
  ["PUT /v1.0/orders/{orderId}", "UpdateOrder", "JWT"],
  ["PUT /v1.0/tenants/{tenantId}/orders/{orderId}", "UpdateOrder", "JWT"],
  ["POST /v1.0/orders/{orderId}/paymentconfirmation", "UpdateOrder", "JWT"],
  ["GET /health", "GetOrder", "NONE"],
  ["GET /v1.0/openapi.json", "GetOrder", "NONE"],
  ["$default", "GetOrder", "NONE"],
] as const;

const stageOf = (plan: Plan) => plan.get("aws:apigatewayv2/stage:Stage", "ApiStage").inputs;

describe.each(everyStage)("the API of %s", (stage) => {
  it("has exactly the routes of the contract", async () => {
    const plan = await planOf(stage);
    expect(
      plan
        .ofType("aws:apigatewayv2/route:Route")
        .map(({ inputs }) => inputs.routeKey)
        .sort(),
    ).toEqual(routes.map(([key]) => key).sort());
  });

  it.each(routes)("%s is answered by %s and authorised by %s", async (key, functionName, authorisation) => {
    const plan = await planOf(stage);
    const route = plan.ofType("aws:apigatewayv2/route:Route").find(({ inputs }) => inputs.routeKey === key)!;
    const integrationName = route.name.replace(/Route$/, "Integration");
    const integration = plan.get("aws:apigatewayv2/integration:Integration", integrationName).inputs;
    expect(route.inputs.target).toBe(`integrations/${integrationName}-id`);
    expect(integration).toMatchObject({ integrationType: "AWS_PROXY", payloadFormatVersion: "2.0" });
    expect(integration.integrationUri).toMatch(new RegExp(`:function:bbws-order-${stage}-${functionName}$`));
    expect(route.inputs.authorizationType).toBe(authorisation);
    expect(route.inputs.authorizerId).toBe(authorisation === "JWT" ? "ApiAuthorizerTokenAuthorizer-id" : undefined);
  });

  it("may be invoked through this API only", async () => {
    const plan = await planOf(stage);
    const permissions = plan.ofType("aws:lambda/permission:Permission");
    expect(permissions).toHaveLength(routes.length);
    for (const { inputs } of permissions) {
      expect([inputs.action, inputs.principal]).toEqual(["lambda:InvokeFunction", "apigateway.amazonaws.com"]);
      expect(inputs.sourceArn).toBe(`arn:aws:execute-api:${plan.app.providers.aws.region}:${plan.account}:api123/*`);
    }
  });

  it("verifies tokens of the stage's issuer and audiences, from the Authorization header", async () => {
    const authorizers = (await planOf(stage)).ofType("aws:apigatewayv2/authorizer:Authorizer");
    expect(authorizers).toHaveLength(1);
    const { authorizerType, identitySources, jwtConfiguration } = authorizers[0]!.inputs;
    expect([authorizerType, identitySources]).toEqual(["JWT", ["$request.header.Authorization"]]);
    expect(jwtConfiguration.issuer).toMatch(/^(https:\/\/|PLACEHOLDER token issuer)/);
    expect(jwtConfiguration.audiences).toHaveLength(1);
  });

  it("limits both rate and burst, of the whole and of the guests' route, which is the lower", async () => {
    const { defaultRouteSettings: whole, routeSettings } = stageOf(await planOf(stage));
    expect(whole.throttlingRateLimit).toBeGreaterThan(0);
    expect(whole.throttlingBurstLimit).toBeGreaterThan(0);
    expect(routeSettings.map(({ routeKey }) => routeKey)).toEqual(["POST /v1.0/orders"]);
    const guests = routeSettings[0]!;
    expect(guests.throttlingRateLimit).toBeGreaterThan(0);
    expect(guests.throttlingBurstLimit).toBeGreaterThan(0);
    expect(guests.throttlingRateLimit).toBeLessThan(whole.throttlingRateLimit);
    expect(guests.throttlingBurstLimit).toBeLessThan(whole.throttlingBurstLimit);
  });

  it("lets browsers of the stage's origins call it, without credentials, and read the contract's headers", async () => {
    const { corsConfiguration: cors } = (await planOf(stage)).get("aws:apigatewayv2/api:Api", "ApiApi").inputs;
    expect(cors.allowCredentials).toBe(false);
    expect(cors.allowOrigins).not.toContain("*");
    expect(cors.allowHeaders).toEqual(expect.arrayContaining(["authorization", "content-type", "idempotency-key", "if-match"]));
    expect([...cors.exposeHeaders].sort()).toEqual(["ETag", "Idempotent-Replayed", "Location", "Retry-After", "X-Request-Id"]);
    expect(cors.allowMethods).toEqual(expect.arrayContaining(["GET", "POST", "PUT"]));
  });

  it("logs each call without its headers, its query or its token", async () => {
    const { accessLogSettings } = stageOf(await planOf(stage));
    const fields = Object.values(JSON.parse(accessLogSettings.format) as Record<string, string>);
    expect(fields).toEqual(expect.arrayContaining(["$context.requestId", "$context.routeKey", "$context.status"]));
    expect(
      fields.filter((field) => /header|querystring|claims|authorizer\.(?!error)|integration\.requestId.*token|Authorization/i.test(field)),
    ).toEqual([]);
    expect(accessLogSettings.destinationArn).toContain(":log-group:");
  });
});

describe("the throttles", () => {
  it.each([
    ["dev", 1000, 2000],
    ["sit", 5000, 10000],
    ["prod", 10000, 20000],
  ])("of %s are %i a second, %i at once", async (stage, rate, burst) => {
    const { defaultRouteSettings } = stageOf(await planOf(stage));
    expect([defaultRouteSettings.throttlingRateLimit, defaultRouteSettings.throttlingBurstLimit]).toEqual([rate, burst]);
  });
});

describe("the browser origins", () => {
  const originsOf = async (stage: string) =>
    (await planOf(stage)).get("aws:apigatewayv2/api:Api", "ApiApi").inputs.corsConfiguration.allowOrigins;

  it("of prod are the three public sites", async () => {
    expect(await originsOf("prod")).toEqual(["https://kimmyai.io", "https://www.kimmyai.io", "https://portal.kimmyai.io"]);
  });

  it.each(["dev", "sit"])("of %s are its own and the developers' port", async (stage) => {
    const origins = await originsOf(stage);
    expect(origins).toContain("http://localhost:5173");
    expect(origins.filter((origin) => origin !== "http://localhost:5173").every((origin) => origin.includes(`${stage}.kimmyai.io`))).toBe(
      true,
    );
  });
});

describe("the host name", () => {
  it.each([
    ["dev", "orders-api.dev.kimmyai.io"],
    ["sit", "orders-api.sit.kimmyai.io"],
    ["prod", "orders-api.kimmyai.io"],
    ["prod-dr", "orders-api.kimmyai.io"],
  ])("of %s is %s, regional, TLS 1.2, without a base path", async (stage, host) => {
    const plan = await planOf(stage);
    const { domainName, domainNameConfiguration } = plan.get("aws:apigatewayv2/domainName:DomainName", "ApiDomainName").inputs;
    expect(domainName).toBe(host);
    expect(domainNameConfiguration).toMatchObject({ endpointType: "REGIONAL", securityPolicy: "TLS_1_2" });
    expect(plan.get("aws:apigatewayv2/apiMapping:ApiMapping", "ApiDomainMapping").inputs.apiMappingKey).toBeUndefined();
    const aliases = plan.ofType("aws:route53/record:Record").filter(({ inputs }) => inputs.name === host);
    expect(aliases.map(({ inputs }) => inputs.type).sort()).toEqual(["A", "AAAA"]);
  });

  it("is none for a personal stage", async () => {
    const plan = await planOf("ada");
    expect([plan.ofType("aws:apigatewayv2/domainName:DomainName"), plan.ofType("aws:route53/record:Record")]).toEqual([[], []]);
  });

  it.each(namedStages)("is where the mails of %s point", async (stage) => {
    const plan = await planOf(stage);
    const { variables } = plan.get("aws:lambda/function:Function", "CustomerOrderConfirmationSenderFunction").inputs.environment;
    expect(variables.API_URL).toBe(`https://${plan.get("aws:apigatewayv2/domainName:DomainName", "ApiDomainName").inputs.domainName}`);
  });
});
