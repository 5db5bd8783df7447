/** The keys that sign links and page tokens, set with `sst secret set`; none is in this repository. */
import { secrets as names } from "./settings.ts";

/** Before the first rotation there is no previous key; an empty one verifies nothing. */
const placeholders: Partial<Record<(typeof names)[number], string>> = { PreviousLinkSigningKey: "" };

export const secrets = Object.fromEntries(names.map((name) => [name, new sst.Secret(name, placeholders[name])]));
