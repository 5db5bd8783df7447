/** `npm run ops -- <command>`: the operators' command line. */
import { run } from "./program.ts";

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
