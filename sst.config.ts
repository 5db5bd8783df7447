/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app() {
    return { name: "bbws-order", home: "aws", providers: { aws: true } };
  },
  async run() {},
});
