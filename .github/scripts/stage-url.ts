/** The public URL of a stage's API: `stage-url.ts --stage sit`. */
import { parseArgs } from "node:util";
import { stageOf } from "../../infra/stage.ts";

const { values } = parseArgs({ options: { stage: { type: "string", default: "" } } });
const { domain } = stageOf(values.stage);
if (!domain) {
  console.error(`stage "${values.stage}" has no host name of its own`);
  process.exit(1);
}
console.log(`https://${domain}`);
