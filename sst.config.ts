/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    const { appOf } = await import("./infra/app.ts");
    return appOf(input.stage);
  },
  async run() {
    const { refuseUnready } = await import("./infra/guards.ts");
    refuseUnready({ stage: $app.stage, command: $cli.command, live: $dev });

    const { setDefaults } = await import("./infra/defaults.ts");
    setDefaults();

    const { ordersTable } = await import("./infra/table.ts");
    const { buckets } = await import("./infra/buckets.ts");
    const { queues, deadLetterQueues } = await import("./infra/queues.ts");
    const { mailDnsRecords } = await import("./infra/email.ts");
    const { api } = await import("./infra/api.ts");
    await import("./infra/consumers.ts");
    const { alarmTopics } = await import("./infra/monitoring.ts");
    const { recoveryMailDnsRecords } = await import("./infra/recovery.ts");

    return {
      api: api.url,
      table: ordersTable.name,
      documents: buckets.DocumentsBucket.name,
      templates: buckets.TemplatesBucket.name,
      queues: Object.values(queues).map((queue) => queue.url),
      deadLetterQueues: Object.values(deadLetterQueues).map((queue) => queue.url),
      alarmTopics: Object.values(alarmTopics).map((topic) => topic.arn),
      mailDnsRecords,
      recoveryMailDnsRecords,
    };
  },
});
