import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { SNSClient } from "@aws-sdk/client-sns";
import { STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, it, vi } from "vitest";
import { checkAccount, checkAlarmsAreHeard, deploy, versionHere } from "../../infra/cli/deploy.ts";
import { checkOtherRegionRests } from "../../infra/cli/other-region.ts";
import { longestStageName, reasonsAgainst, refuseUnready } from "../../infra/guards.ts";
import { PLACEHOLDER, stageOf, stages } from "../../infra/stage.ts";
import { deployOf, planOf } from "./harness/plan.ts";
import { root } from "./harness/platform.ts";
import { resourceTypes } from "./links.ts";
import { changes, committedSnapshot, snapshotOf } from "./snapshot.ts";
import { everyStage, namedStages } from "./stages.ts";

describe("the app", () => {
  it.each([
    ["dev", "536580886816", "af-south-1", "remove", false],
    ["sit", "815856636111", "af-south-1", "retain", false],
    ["prod", "093646564004", "af-south-1", "retain", true],
    ["prod-dr", "093646564004", "eu-west-1", "retain", true],
  ])("of %s may touch account %s in %s only, %ss on removal, protected: %s", async (stage, account, region, removal, isProtected) => {
    const { app } = await planOf(stage);
    expect(app.name).toBe("bbws-order");
    expect([app.providers.aws.allowedAccountIds, app.providers.aws.region, app.removal, app.protect]).toEqual([
      [account],
      region,
      removal,
      isProtected,
    ]);
  });

  it("of a personal stage may touch any account but the shared three, and goes without trace", async () => {
    const { app } = await planOf("ada");
    expect(app.providers.aws.forbiddenAccountIds).toEqual(["536580886816", "815856636111", "093646564004"]);
    expect(app.providers.aws.allowedAccountIds).toBeUndefined();
    expect([app.removal, app.protect]).toEqual(["remove", false]);
  });

  it.each(everyStage)("of %s tags all it makes", async (stage) => {
    const { app } = await planOf(stage);
    expect(app.providers.aws.defaultTags.tags).toMatchObject({
      Project: "BBWS Customer Portal",
      Application: "CustomerPortalPublic",
      Component: "OrderLambda",
      CostCenter: "BBWS-CPP",
      Environment: stage,
      ManagedBy: "SST",
    });
  });

  it.each(everyStage)("of %s leaves nothing undefined in any name, ARN or policy", async (stage) => {
    const { resources, links, outputs, builds } = await planOf(stage);
    expect(JSON.stringify({ resources, links, outputs, builds })).not.toMatch(/undefined|\[object Object\]|Calling \[toString\]|\bNaN\b/);
  });
});

describe("the committed plan", () => {
  it.each(everyStage)("of %s is what would be deployed (npm run deploy:dry -- --accept)", async (stage) => {
    expect(changes(committedSnapshot(stage), JSON.parse(JSON.stringify(snapshotOf(await planOf(stage)))))).toEqual([]);
  });

  it("has the types of linked resources as SST generates them", async () => {
    expect(readFileSync(path.join(root, "sst-env.d.ts"), "utf8")).toBe(resourceTypes(await planOf("dev")));
  });
});

describe("a deploy is refused", () => {
  const missing = [
    "token.issuer",
    "token.audiences.0",
    "hostedZone",
    "mail.internalRecipients.0",
    "alarmRecipients.0",
    "supplier.vatNumber",
    "supplier.bank.accountNumber",
  ];

  it.each(["sit", "prod", "prod-dr"] as const)("to %s while a fact is a placeholder, each named", (stage) => {
    const reasons = reasonsAgainst({ stageName: stage, stage: stageOf(stage), live: false });
    for (const fact of missing) expect(reasons).toContain(`infra/stage.ts: ${stage}.${fact} is still a placeholder`);
  });

  it("by the program itself, before it has made anything", async () => {
    await expect(deployOf("prod")).rejects.toThrow(/Not deploying prod:\n {2}- infra\/stage\.ts: prod\.hostedZone is still a placeholder/);
  });

  it("by sst dev anywhere but on a personal stage", () => {
    expect(() => refuseUnready({ stage: "dev", command: "dev", live: true })).toThrow(/"sst dev" is for personal stages/);
    expect(() => refuseUnready({ stage: "ada", command: "dev", live: true })).not.toThrow();
  });

  it("when nobody would hear the alarms", () => {
    const reasons = reasonsAgainst({ stageName: "dev", stage: { ...stageOf("dev"), alarmRecipients: [] }, live: false });
    expect(reasons).toEqual(["infra/stage.ts: dev.alarmRecipients is empty, so its alarms reach nobody"]);
  });

  it("to a stage whose name AWS would not take", () => {
    const reasons = (stageName: string) => reasonsAgainst({ stageName, stage: stageOf(stageName), live: false });
    expect(reasons("Ada")).toEqual([expect.stringContaining("lower-case letters")]);
    expect(reasons("a".repeat(longestStageName + 1))).toEqual([expect.stringContaining(`longer than ${longestStageName}`)]);
    expect(reasons("a".repeat(longestStageName))).toEqual([]);
  });

  it("but not to dev or a personal stage, which need no fact that is not here", async () => {
    expect(reasonsAgainst({ stageName: "dev", stage: stageOf("dev"), live: false })).toEqual([]);
    await expect(deployOf("ada")).resolves.toBeUndefined();
  });
});

describe("the deploy command", () => {
  const servers: Server[] = [];
  afterEach(() => {
    vi.unstubAllEnvs();
    for (const server of servers.splice(0)) server.close();
  });

  /** AWS's query protocol on the loopback: an answer per action. */
  async function aws(answers: Record<string, (body: URLSearchParams) => [status: number, xml: string]>) {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const query = new URLSearchParams(body);
        const [status, xml] = answers[query.get("Action")!]!(query);
        response.writeHead(status, { "content-type": "text/xml" }).end(xml);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: "af-south-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    };
  }

  const identity = (account: string) => ({
    GetCallerIdentity: (): [number, string] => [
      200,
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
    ],
  });

  it.each([
    ["prod", "536580886816", /account 536580886816's, the stage lives in 093646564004/],
    ["ada", "093646564004", /account 093646564004 is shared/],
  ])("refuses to put %s into account %s", async (stage, account, reason) => {
    await expect(checkAccount(stage, new STSClient(await aws(identity(account))))).rejects.toThrow(reason);
  });

  it.each([
    ["prod", "093646564004"],
    ["ada", "111122223333"],
  ])("lets %s into account %s", async (stage, account) => {
    await expect(checkAccount(stage, new STSClient(await aws(identity(account))))).resolves.toBe(account);
  });

  const subscriptions = (...arns: string[]): [number, string] => [
    200,
    `<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions>${arns
      .map((arn) => `<member><SubscriptionArn>${arn}</SubscriptionArn></member>`)
      .join("")}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
  ];
  const notFound: [number, string] = [
    404,
    `<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>`,
  ];
  const heard = (options: { topicsMustExist: boolean }, answer: (topic: string) => [number, string]) =>
    aws({ ListSubscriptionsByTopic: (query) => answer(query.get("TopicArn")!) }).then((client) =>
      checkAlarmsAreHeard("dev", "536580886816", new SNSClient({ ...client, maxAttempts: 1 }), options),
    );

  it("refuses while an alarm topic's subscription waits to be confirmed", async () => {
    const answer = (topic: string) =>
      topic.endsWith("critical") ? subscriptions("PendingConfirmation") : subscriptions("arn:aws:sns:af-south-1:536580886816:t:1");
    await expect(heard({ topicsMustExist: false }, answer)).rejects.toThrow(
      /no confirmed subscription of arn:aws:sns:af-south-1:536580886816:bbws-alerts-dev-critical\./,
    );
  });

  it("goes ahead once each topic has a confirmed subscription", async () => {
    await expect(
      heard({ topicsMustExist: true }, () => subscriptions("PendingConfirmation", "arn:aws:sns:af-south-1:536580886816:t:1")),
    ).resolves.toBeUndefined();
  });

  it("lets the first deploy make the topics, and fails it afterwards if they are missing", async () => {
    await expect(heard({ topicsMustExist: false }, () => notFound)).resolves.toBeUndefined();
    await expect(heard({ topicsMustExist: true }, () => notFound)).rejects.toThrow(
      /bbws-alerts-dev-critical and .*bbws-alerts-dev-warning/,
    );
  });

  it.each([
    ["leaves its mark just before the first change", "536580886816", subscriptions("arn:aws:sns:af-south-1:536580886816:t:1"), true],
    ["leaves none when the account is another's", "093646564004", notFound, false],
    ["leaves none when nobody hears the alarms", "536580886816", subscriptions("PendingConfirmation"), false],
  ])("%s", async (_, account, answer, isTouched) => {
    const folder = mkdtempSync(path.join(tmpdir(), "runner-"));
    vi.stubEnv("RUNNER_TEMP", folder);
    const client = await aws({ ...identity(account), ListSubscriptionsByTopic: () => answer });
    let markedBefore: boolean | undefined;
    const sst = () => {
      markedBefore = existsSync(path.join(folder, "touched"));
      return 7;
    };
    const reach = { sts: new STSClient(client), sns: new SNSClient({ ...client, maxAttempts: 1 }), sst };
    const deployed = deploy("dev", reach, { otherRegionIsLost: false });
    await (isTouched ? expect(deployed).resolves.toBe(7) : expect(deployed).rejects.toThrow(/^Not deploying|^Alarms of dev/));
    expect([markedBefore, existsSync(path.join(folder, "touched"))]).toEqual([isTouched || undefined, isTouched]);
    rmSync(folder, { recursive: true });
  });
});

describe("of prod and its standby", () => {
  const servers: Server[] = [];
  const table = structuredClone(stages);
  afterEach(() => {
    Object.assign(stages.prod, table.prod);
    Object.assign(stages["prod-dr"], table["prod-dr"]);
    for (const server of servers.splice(0)) server.close();
  });

  /** Lambda on the loopback, asked for the mappings of a function; notes what it was asked. */
  async function lambda(status: number, answer: object, errorType?: string) {
    const asked: string[] = [];
    const server = createServer(({ url, headers }, response) => {
      asked.push(`${url} ${/Credential=a\/\d{8}\/([\w-]+)\/lambda/.exec(headers.authorization ?? "")?.[1]}`);
      response.writeHead(status, errorType ? { "x-amzn-errortype": errorType } : {}).end(JSON.stringify(answer));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { asked, urlOf: () => url };
  }
  const mapping = (State: string) => ({ EventSourceMappings: [{ UUID: "1", State }] });
  const credentials = async () => ({ accessKeyId: "a", secretAccessKey: "b" });
  /** The stage table of a commit from during a failover. */
  const failOver = () => {
    stages.prod.active = false;
    stages["prod-dr"].active = true;
  };

  it.each(["Enabled", "Enabling", "Creating", "Updating", "Disabling"])("prod is not deployed while the standby is %s", async (state) => {
    const { asked, urlOf } = await lambda(200, mapping(state));
    await expect(checkOtherRegionRests("prod", credentials, urlOf)).rejects.toThrow(
      new RegExp(
        `^Not deploying prod: prod-dr gives numbers in eu-west-1 \\(.*OrderCreatorRecord is ${state}\\).*Deploy prod-dr first .*active: false`,
      ),
    );
    expect(asked).toEqual(["/2015-03-31/event-source-mappings?FunctionName=bbws-order-prod-dr-OrderCreatorRecord eu-west-1"]);
  });

  it("prod is deployed while the standby rests, or before there is one", async () => {
    const resting = await lambda(200, mapping("Disabled"));
    await expect(checkOtherRegionRests("prod", credentials, resting.urlOf)).resolves.toBeUndefined();
    const none = await lambda(404, { Message: "Function not found" }, "ResourceNotFoundException");
    await expect(checkOtherRegionRests("prod", credentials, none.urlOf)).resolves.toBeUndefined();
  });

  it("the standby is not made the one that numbers while prod does, and then can be", async () => {
    failOver();
    const numbering = await lambda(200, mapping("Enabled"));
    await expect(checkOtherRegionRests("prod-dr", credentials, numbering.urlOf)).rejects.toThrow(
      /^Not deploying prod-dr: prod gives numbers/,
    );
    expect(numbering.asked).toEqual(["/2015-03-31/event-source-mappings?FunctionName=bbws-order-prod-OrderCreatorRecord af-south-1"]);
    const resting = await lambda(200, mapping("Disabled"));
    await expect(checkOtherRegionRests("prod-dr", credentials, resting.urlOf)).resolves.toBeUndefined();
  });

  it("a region that cannot be asked is not taken for one that rests", async () => {
    failOver();
    const { urlOf } = await lambda(403, { Message: "not authorized" }, "AccessDeniedException");
    await expect(checkOtherRegionRests("prod-dr", credentials, urlOf)).rejects.toThrow(
      /cannot be asked \(Lambda answered 403: .*not authorized/,
    );
    servers.at(-1)!.close();
    servers.at(-1)!.closeAllConnections();
    await expect(checkOtherRegionRests("prod-dr", credentials, urlOf)).rejects.toThrow(
      /cannot be asked \(fetch failed: .*ECONNREFUSED.*\), .*deploy with --other-region-is-lost$/,
    );
  });

  it.each([
    ["prod-dr", "stands by"],
    ["sit", "has no other region"],
    ["ada", "is personal"],
  ])("nobody is asked for %s, which %s", async (stage) => {
    const { asked, urlOf } = await lambda(200, mapping("Enabled"));
    await expect(checkOtherRegionRests(stage, credentials, urlOf)).resolves.toBeUndefined();
    expect(asked).toEqual([]);
  });

  it.each([
    ["is refused by the deploy itself, before anything is changed", false],
    ["goes ahead where the other region is said to be lost", true],
  ])("a second one that numbers %s", async (_, otherRegionIsLost) => {
    const known = JSON.parse(JSON.stringify(stages.prod).replaceAll(PLACEHOLDER, "known"));
    Object.assign(stages.prod, known);
    const answers = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const answer = body.includes("GetCallerIdentity")
          ? `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${stages.prod.account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`
          : "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member><SubscriptionArn>arn:aws:sns:t:1</SubscriptionArn></member></Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>";
        response.writeHead(200, { "content-type": "text/xml" }).end(answer);
      });
    });
    servers.push(answers);
    await new Promise<void>((resolve) => answers.listen(0, "127.0.0.1", resolve));
    const client = {
      endpoint: `http://127.0.0.1:${(answers.address() as AddressInfo).port}`,
      region: "af-south-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    };
    const { urlOf } = await lambda(200, mapping("Enabled"));
    const ran: string[] = [];
    const reach = {
      sts: new STSClient(client),
      sns: new SNSClient(client),
      lambdaUrl: urlOf,
      sst: (stage: string) => ran.push(stage) - 1,
    };
    const deployed = deploy("prod", reach, { otherRegionIsLost });
    await (otherRegionIsLost ? expect(deployed).resolves.toBe(0) : expect(deployed).rejects.toThrow(/prod-dr gives numbers in eu-west-1/));
    expect(ran).toEqual(otherRegionIsLost ? ["prod"] : []);
  });
});

describe("prod differs from dev", () => {
  it("in nothing but what the stage table says: the same functions, queues, routes and permissions", async () => {
    const [dev, prod] = [await planOf("dev"), await planOf("prod")];
    const names = (plan: typeof dev, type: Parameters<typeof dev.ofType>[0]) =>
      plan
        .ofType(type)
        .filter(({ region }) => region === "af-south-1")
        .map(({ name }) => name)
        .sort();
    for (const type of [
      "aws:lambda/function:Function",
      "aws:sqs/queue:Queue",
      "aws:dynamodb/table:Table",
      "aws:s3/bucketV2:BucketV2",
      "aws:apigatewayv2/route:Route",
    ] as const) {
      expect(names(prod, type), type).toEqual(names(dev, type));
    }
  });

  it("and each function is the same but for its stage's facts", async () => {
    const [dev, prod] = [await planOf("dev"), await planOf("prod")];
    for (const { name, inputs } of dev.ofType("aws:lambda/function:Function")) {
      const other = prod.get("aws:lambda/function:Function", name).inputs;
      expect([other.timeout, other.memorySize, other.runtime, other.architectures]).toEqual([
        inputs.timeout,
        inputs.memorySize,
        inputs.runtime,
        inputs.architectures,
      ]);
      expect(Object.keys(other.environment.variables).sort()).toEqual(Object.keys(inputs.environment.variables).sort());
    }
  });
});

it("a deployment by hand answers with the commit it was made from", () => {
  expect(versionHere()).toMatch(/^[0-9a-f]{40}(-changed)?$/);
});

it("no stage of the table is without an account", () => {
  for (const stage of namedStages) expect(stageOf(stage).account).toMatch(/^\d{12}$/);
});
