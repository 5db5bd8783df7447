/** The few parts of Pulumi's SDK that the harness touches. The SDK is loaded from SST's platform, so its types are not at hand. */
import { fromPlatform } from "./platform.ts";

export type RegisterRequest = {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getProvider(): string;
  getObject(): unknown;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
  getDependenciesList(): string[];
};

export type OutputsRequest = { getUrn(): string; getOutputs(): unknown };
type Callback = (error: unknown, response: { getUrn(): string } | undefined) => void;

export type Mocks = {
  call(args: { token: string; inputs: Record<string, unknown>; provider?: string }): Record<string, unknown>;
  newResource(args: { type: string; name: string; inputs: Record<string, unknown>; provider?: string; custom?: boolean; id?: string }): {
    id: string;
    state: Record<string, unknown>;
  };
};

export interface Monitor {
  registerResource(request: RegisterRequest, callback: Callback): Promise<void>;
  registerResourceOutputs(request: OutputsRequest, callback: Callback): void;
}

type Sdk = {
  asset: { Archive: { isInstance(value: unknown): boolean }; Asset: { isInstance(value: unknown): boolean } };
  runtime: {
    setMocks(mocks: unknown, project: string, stack: string, preview: boolean, organization: string): Promise<void>;
    setConfig(key: string, value: string): void;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  };
};

type Settings = {
  setMockOptions(monitor: Monitor, project: string, stack: string, preview: boolean, organization: string): void;
  waitForRPCs(disconnect: boolean): Promise<void>;
};

type Rpc = {
  deserializeProperties(struct: unknown): Record<string, unknown>;
  isRpcSecret(value: unknown): boolean;
  unwrapRpcSecret(value: unknown): unknown;
};

export const sdk = () => fromPlatform<Sdk>("@pulumi/pulumi");
export const settings = () => fromPlatform<Settings>("@pulumi/pulumi/runtime/settings.js");
export const rpc = () => fromPlatform<Rpc>("@pulumi/pulumi/runtime/rpc.js");

/** Pulumi's own mock monitor: answers every registration from `mocks`. */
export const mockMonitor = () =>
  fromPlatform<{ MockMonitor: new (mocks: Mocks) => Monitor & { newUrn(parent: string, type: string, name: string): string } }>(
    "@pulumi/pulumi/runtime/mocks.js",
  ).MockMonitor;

/** Plain JSON of a property value: secrets opened, assets by their kind. */
export function plain(value: unknown): unknown {
  if (value === undefined || value === null) return value;
  if (rpc().isRpcSecret(value)) return plain(rpc().unwrapRpcSecret(value));
  const { Archive, Asset } = sdk().asset;
  if (Archive.isInstance(value) || Asset.isInstance(value)) return { asset: (value as object).constructor.name };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
