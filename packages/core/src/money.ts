import { add, dinero, halfUp, multiply, subtract, toDecimal, toSnapshot, transformScale } from "dinero.js";
import { ZAR } from "dinero.js/currencies";

/** Integer cents. Every amount inside the service is one; rand exist at the edge only. */
export type Cents = number;
/** Hundredths of a percent: 1500 is 15 %. */
export type BasisPoints = number;

const CENT_SCALE = 2;
const BASIS_POINT_SCALE = 4;

const money = (amount: Cents) => dinero({ amount, currency: ZAR });
const cents = (value: ReturnType<typeof money>) => toSnapshot(transformScale(value, CENT_SCALE, halfUp)).amount;

/** Sum of amounts, in cents. */
export function sum(amounts: readonly Cents[]): Cents {
  return cents(amounts.reduce((total, amount) => add(total, money(amount)), money(0)));
}

/** `a - b`, in cents. */
export function minus(a: Cents, b: Cents): Cents {
  return cents(subtract(money(a), money(b)));
}

/** Unit price times a whole quantity, in cents. */
export function times(unitPrice: Cents, quantity: number): Cents {
  return cents(multiply(money(unitPrice), quantity));
}

/** A share of an amount, rounded half up to the cent. */
export function share(amount: Cents, rate: BasisPoints): Cents {
  return cents(multiply(money(amount), { amount: rate, scale: BASIS_POINT_SCALE }));
}

/** Cents as a JSON number in rand with at most two decimals, e.g. 137999 -> 1379.99. */
export function toRand(amount: Cents): number {
  return Number(toDecimal(money(amount)));
}

/** Rand from JSON as cents; undefined when it has more than two decimals or cannot be held exactly. */
export function fromRand(rand: number): Cents | undefined {
  const amount = Math.round(rand * 100);
  return Number.isSafeInteger(amount) && Math.abs(rand * 100 - amount) < 1e-4 && toRand(amount) === rand ? amount : undefined;
}

/** Cents as documents and mails print them: `R1,234.56`. */
export function formatRand(amount: Cents): string {
  const [whole, fraction] = toDecimal(money(Math.abs(amount))).split(".") as [string, string];
  return `${amount < 0 ? "-" : ""}R${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${fraction}`;
}

/** Basis points as a percentage without needless zeros: 1500 -> `15%`, 1250 -> `12.5%`, as en-ZA writes them. */
export function formatRate(rate: BasisPoints): string {
  return `${rate / 100}%`;
}
