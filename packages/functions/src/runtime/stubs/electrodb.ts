/**
 * Stands in for ElectroDB, which is a fifth of a megabyte and half of a function's start, in built functions only: the
 * part of it that the repositories in core call, writing byte for byte what ElectroDB writes (test/bundle compares the
 * two on the wire). The sources, their types and every other test use ElectroDB itself.
 */
import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

type Values = Record<string, unknown>;
type Key = { field: string; composite: readonly string[]; template: string };
type Index = { index?: string; pk: Key; sk: Key };
type Attribute = { type: string; required?: true; readOnly?: true };
type Schema = { model: { entity: string; version: string }; attributes: Record<string, Attribute>; indexes: Record<string, Index> };
type Options = { client: DynamoDBClient; table: string; identifiers: { entity: string; version: string } };

/** Refused before anything was sent: an attribute that is missing, of another type, or may not change. */
export class ElectroError extends Error {
  override readonly name = "ElectroError";
}

/** ElectroDB's marker of an attribute whose type is ours. */
export const CustomAttributeType = (type: string) => type;

export class Entity {
  readonly schema: Schema;
  readonly options: Options;

  constructor(schema: Schema, options: Options) {
    this.schema = schema;
    this.options = options;
  }

  get(keys: Values | Values[]) {
    return Array.isArray(keys)
      ? { go: (options: GetOptions = {}) => this.#getMany(keys, options) }
      : { go: (options: GetOptions = {}) => this.#getOne(keys, options) };
  }

  async #getOne(key: Values, { consistent, ...others }: GetOptions) {
    refuse(others);
    const { client, table } = this.options;
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: this.#primaryKey(key), ConsistentRead: consistent }));
    return { data: (Item && this.itemOf(Item)) ?? null };
  }

  async #getMany(keys: Values[], { consistent, attributes, ...others }: GetOptions) {
    refuse(others);
    const { client, table, identifiers } = this.options;
    const { pk, sk } = this.#primary;
    const projection = attributes && new Expression();
    const paths =
      projection && [pk.field, sk.field, ...attributes, identifiers.entity, identifiers.version].map((name) => projection.name(name));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: {
          [table]: {
            Keys: keys.map((key) => this.#primaryKey(key)),
            ConsistentRead: consistent,
            ...(projection && { ProjectionExpression: paths!.join(", "), ExpressionAttributeNames: projection.names }),
          },
        },
      }),
    );
    if (!Responses) throw new ElectroError("the table's answer has no responses");
    return {
      data: (Responses[table] ?? []).flatMap((item) => this.itemOf(item) ?? []),
      unprocessed: UnprocessedKeys?.[table]?.Keys ?? [],
    };
  }

  /** By name of the index. */
  get query(): Record<string, (facets: Values) => Query> {
    return Object.fromEntries(
      Object.entries(this.schema.indexes).map(([name, index]) => [name, (facets) => new Query(this, index, facets)]),
    );
  }

  put(item: Values) {
    return new Write(this, { Item: this.#stored(item) });
  }

  create(item: Values) {
    return this.put(item).onKeys("attribute_not_exists");
  }

  update(key: Values) {
    return new Write(this, { Key: this.#primaryKey(key) }, key);
  }

  patch(key: Values) {
    return this.update(key).onKeys("attribute_exists");
  }

  get #primary(): Index {
    return Object.values(this.schema.indexes).find(({ index }) => index === undefined)!;
  }

  get keyFields(): [string, string] {
    return [this.#primary.pk.field, this.#primary.sk.field];
  }

  /** What marks an item as one of this entity's. */
  get mark(): Values {
    const { entity, version } = this.options.identifiers;
    return { [entity]: this.schema.model.entity, [version]: this.schema.model.version };
  }

  #primaryKey(key: Values) {
    const { pk, sk } = this.#primary;
    return marshall({ [pk.field]: render(pk, key), [sk.field]: render(sk, key) });
  }

  #stored(item: Values): Record<string, AttributeValue> {
    const attributes = Object.entries(this.schema.attributes);
    for (const [name, { required }] of attributes) {
      if (required && item[name] === undefined) throw new ElectroError(`${name} is required`);
      this.checkType(name, item[name]);
    }
    const keys = Object.values(this.schema.indexes).flatMap(({ pk, sk }) => [pk, sk]);
    return marshall(
      {
        ...Object.fromEntries(attributes.map(([name]) => [name, item[name]])),
        ...Object.fromEntries(keys.map((key) => [key.field, render(key, item)])),
        ...this.mark,
      },
      { removeUndefinedValues: true },
    );
  }

  checkType(name: string, value: unknown): void {
    const type = this.schema.attributes[name]?.type;
    if (type === undefined) throw new ElectroError(`there is no attribute ${name}`);
    if (value !== undefined && type !== "any" && typeof value !== type) throw new ElectroError(`${name} is not a ${type}`);
  }

  checkChange(name: string, value: unknown): void {
    this.checkType(name, value);
    if (this.schema.attributes[name]!.readOnly) throw new ElectroError(`${name} never changes`);
  }

  /** The attributes of one of this entity's items; undefined for another's. */
  itemOf(stored: Record<string, AttributeValue>): Values | undefined {
    const item = unmarshall(stored);
    if (Object.entries(this.mark).some(([name, value]) => item[name] !== value)) return undefined;
    return Object.fromEntries(Object.entries(item).filter(([name]) => name in this.schema.attributes));
  }
}

type GetOptions = { consistent?: boolean; attributes?: readonly string[] };
type QueryOptions = { order?: "asc" | "desc"; pager?: "raw"; cursor?: Values; limit?: number };
/** What no function asks for, such as every page at once: only the operators' command line does, which runs ElectroDB itself. */
function refuse(options: object): void {
  const [unknown] = Object.keys(options);
  if (unknown) throw new ElectroError(`built functions know no option ${unknown}; see runtime/stubs/electrodb.ts`);
}

class Query {
  readonly #entity: Entity;
  readonly #index: Index;
  readonly #expression = new Expression();
  #filter = "";
  #range: Values;
  #from: Values;
  #to: Values | undefined;

  constructor(entity: Entity, index: Index, facets: Values) {
    this.#entity = entity;
    this.#index = index;
    this.#range = facets;
    this.#from = facets;
  }

  between(from: Values, to: Values): this {
    this.#from = { ...this.#range, ...from };
    this.#to = { ...this.#range, ...to };
    return this;
  }

  where(condition: Condition): this {
    this.#filter = this.#expression.condition(condition);
    return this;
  }

  async go({ order, pager: _, cursor, limit, ...others }: QueryOptions = {}) {
    refuse(others);
    const { client, table } = this.#entity.options;
    const { pk, sk, index } = this.#index;
    const { names, values } = this.#expression;
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: index,
        Limit: limit,
        ScanIndexForward: order && order === "asc",
        ExclusiveStartKey: cursor && marshall(cursor),
        FilterExpression: this.#filter || undefined,
        KeyConditionExpression: `#pk = :pk and ${this.#to ? "#sk1 BETWEEN :sk1 AND :sk2" : "#sk1 = :sk1"}`,
        ExpressionAttributeNames: { ...names, "#pk": pk.field, "#sk1": sk.field },
        ExpressionAttributeValues: marshall({
          ...values,
          ":pk": render(pk, this.#range),
          ":sk1": render(sk, this.#from),
          ...(this.#to && { ":sk2": render(sk, this.#to) }),
        }),
      }),
    );
    return {
      data: Items.flatMap((item) => this.#entity.itemOf(item) ?? []),
      cursor: LastEvaluatedKey ? unmarshall(LastEvaluatedKey) : null,
    };
  }
}

type Target = { Item: Record<string, AttributeValue> } | { Key: Record<string, AttributeValue> };
type DataChange = (attributes: Paths, operations: { set(path: Path, value: unknown): void }) => void;

/** A put or an update, on its own (`go`) or in a transaction (`commit`). */
class Write {
  readonly entity: Entity;
  readonly #target: Target;
  readonly #key: Values;
  readonly #expression = new Expression();
  readonly #conditions: string[] = [];
  readonly #sets: string[] = [];
  readonly #adds: string[] = [];

  constructor(entity: Entity, target: Target, key: Values = {}) {
    this.entity = entity;
    this.#target = target;
    this.#key = key;
  }

  onKeys(test: "attribute_exists" | "attribute_not_exists"): this {
    this.#conditions.push(...this.entity.keyFields.map((field) => `${test}(${this.#expression.name(field)})`));
    return this;
  }

  set(changes: Values): this {
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) continue;
      this.entity.checkChange(name, value);
      this.#assign([name], value);
    }
    return this;
  }

  add(changes: Record<string, number>): this {
    for (const [name, value] of Object.entries(changes)) {
      this.entity.checkChange(name, value);
      this.#adds.push(`${this.#expression.name(name)} ${this.#expression.value(name, value, "_u")}`);
    }
    return this;
  }

  data(change: DataChange): this {
    change(attributePaths, { set: (path, value) => this.#assign(path[STEPS], value) });
    return this;
  }

  where(condition: Condition): this {
    this.#conditions.push(this.#expression.condition(condition));
    return this;
  }

  #assign(steps: readonly string[], value: unknown): void {
    this.#sets.push(`${this.#expression.path(steps)} = ${this.#expression.value(steps[0]!, value, "_u")}`);
  }

  async go(): Promise<{ data: null }> {
    const { client } = this.entity.options;
    const { Put, Update } = this.commit();
    await (Put ? client.send(new PutItemCommand(Put)) : client.send(new UpdateItemCommand(Update!)));
    return { data: null };
  }

  commit(): TransactWriteItem {
    const { table } = this.entity.options;
    if ("Item" in this.#target) return { Put: { TableName: table, ...this.#target, ...this.#condition() } };
    for (const [name, value] of Object.entries({ ...this.#key, ...this.entity.mark })) this.#assign([name], value);
    const UpdateExpression = `SET ${this.#sets.join(", ")}${this.#adds.length > 0 ? ` ADD ${this.#adds.join(", ")}` : ""}`;
    return { Update: { TableName: table, ...this.#target, UpdateExpression, ...this.#condition() } };
  }

  #condition() {
    const { names, values } = this.#expression;
    return {
      ...(this.#conditions.length > 0 && { ConditionExpression: this.#conditions.join(" AND ") }),
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: marshall(values, { removeUndefinedValues: true }) }),
    };
  }
}

/** All of it or nothing. A cancelled transaction is an answer with a reason for each item; every other failure is thrown. */
export function createWriteTransaction(entities: Record<string, Entity>, items: (entities: Record<string, Entity>) => TransactWriteItem[]) {
  return {
    async go({ token }: { token?: string } = {}) {
      const { client } = Object.values(entities)[0]!.options;
      const TransactItems = items(entities);
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: token }));
        return { canceled: false, data: TransactItems.map(() => ({ rejected: false })) };
      } catch (error) {
        const { name, CancellationReasons } = error as { name?: string; CancellationReasons?: { Code?: string; Message?: string }[] };
        if (name !== "TransactionCanceledException" || !CancellationReasons) throw error;
        return {
          canceled: true,
          data: CancellationReasons.map(({ Code: code = "None", Message: message }) => ({ rejected: code !== "None", code, message })),
        };
      }
    },
  };
}

/** An attribute's place in an item, made by reading properties: `documents.taxInvoice.key`. */
const STEPS = Symbol("steps");
type Path = { readonly [STEPS]: readonly string[] } & { readonly [member: string]: Path };
type Paths = { readonly [attribute: string]: Path };

const pathOf = (steps: readonly string[]): Path =>
  new Proxy({} as Path, { get: (_, member) => (member === STEPS ? steps : pathOf([...steps, String(member)])) });

const attributePaths: Paths = new Proxy({} as Paths, { get: (_, attribute) => pathOf([String(attribute)]) });

type Operations = {
  eq(path: Path, value: unknown): string;
  lt(path: Path, value: unknown): string;
  lte(path: Path, value: unknown): string;
  exists(path: Path): string;
  notExists(path: Path): string;
};
type Condition = (attributes: Paths, operations: Operations) => string;

/** Placeholders of one request. */
class Expression {
  readonly names: Record<string, string> = {};
  readonly values: Values = {};

  readonly #operations: Operations = {
    eq: (path, value) => this.#compare(path, "=", value),
    lt: (path, value) => this.#compare(path, "<", value),
    lte: (path, value) => this.#compare(path, "<=", value),
    exists: (path) => `attribute_exists(${this.path(path[STEPS])})`,
    notExists: (path) => `attribute_not_exists(${this.path(path[STEPS])})`,
  };

  condition(condition: Condition): string {
    return condition(attributePaths, this.#operations);
  }

  #compare(path: Path, operator: string, value: unknown): string {
    const steps = path[STEPS];
    return `${this.path(steps)} ${operator} ${this.value(steps[0]!, value)}`;
  }

  path(steps: readonly string[]): string {
    return steps.map((step) => this.name(step)).join(".");
  }

  name(step: string): string {
    const name = `#${step}`;
    this.names[name] = step;
    return name;
  }

  value(attribute: string, value: unknown, suffix = ""): string {
    let count = 0;
    while (`:${attribute}${suffix}${count}` in this.values) count++;
    const name = `:${attribute}${suffix}${count}`;
    this.values[name] = value;
    return name;
  }
}

/** A key from its template. Keys keep their case: our ids differ by it. */
const render = ({ composite, template }: Key, values: Values): string =>
  template.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    if (!composite.includes(name) || values[name] === undefined) throw new ElectroError(`${name} is missing in a key`);
    return String(values[name]);
  });
