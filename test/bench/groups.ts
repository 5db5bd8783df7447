import type { Group } from "./harness/group.ts";
import { heaviest } from "./heaviest.bench.ts";
import { http } from "./http.bench.ts";
import { init } from "./init.bench.ts";
import { list } from "./list.bench.ts";
import { mail } from "./mail.bench.ts";
import { render } from "./render.bench.ts";
import { sizes } from "./sizes.bench.ts";
import { stack } from "./stack.bench.ts";
import { unitSuite, wholeSuite } from "./suites.bench.ts";
import { validate } from "./validate.bench.ts";

/** In the order of the table. */
export const groups: readonly Group[] = [sizes, init, heaviest, render, mail, validate, http, stack, list, unitSuite, wholeSuite];
