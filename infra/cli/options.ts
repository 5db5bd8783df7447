/** The command lines of the repository's own scripts. */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: Options }>>["values"];

/**
 * The options a script was called with. `--help` prints the help and ends the process with 0; what cannot be understood is
 * said in one line and ends it with 2.
 * @param help what `--help` prints
 * @param options as `parseArgs` takes them, without `help`
 * @param read makes what the script wants of them; an Error it throws is said to the caller, too
 */
export function optionsOf<const Options extends ParseArgsOptionsConfig, Read = Values<Options>>(
  help: string,
  options: Options,
  read: (values: Values<Options>) => Read = (values) => values as Read,
): Read {
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: "boolean" } } });
    if ("help" in values) {
      process.stdout.write(`${help.trimEnd()}\n`);
      process.exit(0);
    }
    return read(values as Values<Options>);
  } catch (error) {
    console.error(`${(error as Error).message} (see --help)`);
    process.exit(2);
  }
}
