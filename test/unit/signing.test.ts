import { CURSOR_SECONDS, decodeCursor, encodeCursor } from "@bbws/core/cursor.ts";
import { OrderError } from "@bbws/core/errors.ts";
import { LINK_SECONDS, type LinkPurpose, signedLink, verifyLink } from "@bbws/core/signed-link.ts";
import { isSignedBy, type SigningKeys, sign } from "@bbws/core/signing.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NOW } from "../support/order.ts";

const keys: SigningKeys = { current: "key-of-today", previous: "key-of-yesterday" };
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

const codeOf = (work: () => unknown) => {
  try {
    work();
    return "accepted";
  } catch (error) {
    if (error instanceof OrderError) return error.code;
    throw error;
  }
};

describe("a signature", () => {
  it("is accepted for the very parts it was made of, and for no others", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z0-9]{0,8}$/), { minLength: 1, maxLength: 5 }), fc.nat(), (parts, at) => {
        const signature = sign(keys, parts);
        expect(isSignedBy(keys, parts, signature)).toBe(true);
        const other = parts.with(at % parts.length, `${parts[at % parts.length]}x`);
        expect(isSignedBy(keys, other, signature)).toBe(false);
        expect(isSignedBy(keys, [...parts, ""], signature)).toBe(false);
      }),
    );
  });

  it("made with the previous key is accepted while the keys rotate, and not after", () => {
    const old = sign({ current: "key-of-yesterday" }, ["a"]);
    expect(isSignedBy(keys, ["a"], old)).toBe(true);
    expect(isSignedBy({ current: "key-of-today" }, ["a"], old)).toBe(false);
    expect(isSignedBy({ current: "key-of-today", previous: "" }, ["a"], sign({ current: "" }, ["a"]))).toBe(false);
  });

  it("is made with the current key", () => {
    expect(isSignedBy({ current: keys.current }, ["a"], sign(keys, ["a"]))).toBe(true);
  });

  it("is refused when a single character differs", () => {
    const signature = sign(keys, ["a"]);
    for (let i = 0; i < signature.length; i++) {
      const tampered = signature.slice(0, i) + (signature[i] === "A" ? "B" : "A") + signature.slice(i + 1);
      expect(isSignedBy(keys, ["a"], tampered)).toBe(false);
    }
  });

  it("has one spelling: padded, in base64's own alphabet, with stray bits or characters it is refused", () => {
    // A key for which the signature has both characters that base64url spells differently.
    const parts = Array.from({ length: 200 }, (_, i) => [String(i)]).find((p) => /-/.test(sign(keys, p)) && /_/.test(sign(keys, p)))!;
    const signature = sign(keys, parts);
    expect(isSignedBy(keys, parts, signature)).toBe(true);
    const last = signature.at(-1)!;
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // 32 bytes leave two bits of the last character unused: its neighbour decodes to the same bytes.
    const strayBits = signature.slice(0, -1) + alphabet[alphabet.indexOf(last) + 1];
    expect(Buffer.from(strayBits, "base64url").equals(Buffer.from(signature, "base64url"))).toBe(true);
    for (const other of [
      `${signature}=`,
      signature.replaceAll("-", "+").replaceAll("_", "/"),
      strayBits,
      `${signature}!`,
      ` ${signature}`,
      "",
    ]) {
      expect(isSignedBy(keys, parts, other)).toBe(false);
    }
  });
});

const queryOf = (link: string) => Object.fromEntries(new URL(link, "https://api.test").searchParams);

describe("a signed link", () => {
  const link = signedLink(keys, "status", "order_1", NOW);
  const verify = (
    changes: Record<string, string | undefined>,
    { at = NOW, purpose = "status" as LinkPurpose, id = "order_1", by = keys } = {},
  ) => codeOf(() => verifyLink(by, purpose, id, { ...queryOf(link), ...changes }, at));

  it("names its order and purpose, and lives seven days to the second", () => {
    expect(link).toMatch(/^\/v1\.0\/links\/orders\/order_1\/status\?expires=\d+&signature=[\w-]{43}$/);
    expect(LINK_SECONDS).toBe(7 * 24 * 3600);
    expect(verify({})).toBe("accepted");
    expect(verify({}, { at: later(LINK_SECONDS - 1) })).toBe("accepted");
    expect(verify({}, { at: later(LINK_SECONDS) })).toBe("LINK_EXPIRED");
  });

  it("is worthless for another order or another purpose", () => {
    expect(verify({}, { id: "order_2" })).toBe("FORBIDDEN");
    expect(verify({}, { purpose: "invoice" })).toBe("FORBIDDEN");
  });

  it.each([
    ["a longer life", { expires: String(Math.floor(NOW.getTime() / 1000) + 10 * LINK_SECONDS) }],
    ["no expiry", { expires: undefined }],
    ["an expiry that is no number", { expires: "soon" }],
    ["an expiry of thirteen digits", { expires: "9".repeat(13) }],
    ["no signature", { signature: undefined }],
    ["another signature", { signature: sign({ current: "guess" }, ["link", "status", "order_1", "1"]) }],
  ] as [string, Record<string, string | undefined>][])("with %s is forbidden, not expired", (_, changes) => {
    expect(verify(changes)).toBe("FORBIDDEN");
  });

  it("that was tampered with does not tell that it would also have expired", () => {
    expect(verify({ signature: "x" }, { at: later(LINK_SECONDS * 2) })).toBe("FORBIDDEN");
  });

  it("survives a rotation of the key, once", () => {
    expect(verify({}, { by: { current: "key-of-tomorrow", previous: keys.current } })).toBe("accepted");
    expect(verify({}, { by: { current: "key-after-that", previous: "key-of-tomorrow" } })).toBe("FORBIDDEN");
  });
});

describe("a page token", () => {
  const scope = { tenantId: "tenant-a", filters: '["","",[],false]' };
  const token = encodeCursor(keys, scope, "2026-11-24T08:00:00.000Z#order_1", NOW);
  const decode = (text: string, { by = keys, of = scope, at = NOW } = {}) => codeOf(() => decodeCursor(by, of, text, at));

  it("gives back the position it was made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (position) => {
        expect(decodeCursor(keys, scope, encodeCursor(keys, scope, position, NOW), NOW)).toBe(position);
      }),
    );
  });

  it("belongs to one tenant and one set of filters", () => {
    expect(decode(token)).toBe("accepted");
    expect(decode(token, { of: { ...scope, tenantId: "tenant-b" } })).toBe("INVALID_PAGINATION_TOKEN");
    expect(decode(token, { of: { ...scope, filters: '["","",["PAID"],false]' } })).toBe("INVALID_PAGINATION_TOKEN");
  });

  it("lives a day", () => {
    expect(decode(token, { at: later(CURSOR_SECONDS - 1) })).toBe("accepted");
    expect(decode(token, { at: later(CURSOR_SECONDS) })).toBe("INVALID_PAGINATION_TOKEN");
  });

  it.each(["", ".", "..", "abc", "a.b", `${token}.`, `.${token}`, token.slice(1), token.slice(0, -1), `${token}A`, "null", "%00"])(
    "written %j is refused",
    (text) => {
      expect(decode(text)).toBe("INVALID_PAGINATION_TOKEN");
    },
  );

  it("with another position under the old signature is refused", () => {
    const [, signature] = token.split(".");
    const payload = Buffer.from(JSON.stringify(["2020-01-01#order_9", 9_999_999_999])).toString("base64url");
    expect(decode(`${payload}.${signature}`)).toBe("INVALID_PAGINATION_TOKEN");
  });

  it("holds no key of the table", () => {
    expect(Buffer.from(token.split(".")[0]!, "base64url").toString()).not.toMatch(/TENANT#|PK|GSI/);
  });

  it("is no link's signature, nor the other way round", () => {
    const { expires, signature } = queryOf(signedLink(keys, "status", "order_1", NOW));
    expect(decode(`${expires}.${signature}`)).toBe("INVALID_PAGINATION_TOKEN");
  });
});
