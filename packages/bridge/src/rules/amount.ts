/**
 * Decimal numbers as systems spell money: exact, with their digits after the point kept. Integers of any size do, since rules only add, take away and compare; a float would turn
 * 0.1 + 0.2 into something that no ledger has.
 */

export interface Decimal {
  /** The number times 10 to the power of `digits`. */
  units: bigint
  /** After the point. */
  digits: number
}

/** Digits after the point that are followed: far more than any currency has, and no string makes a number of a million digits. */
export const AMOUNT_DIGITS_MAX = 100

/** As systems spell them: no spaces, no separators, no leading plus. Numbers of JSON may have an exponent. */
const form = /^(-?)(\d{1,100})(?:\.(\d{1,100}))?(?:e([+-]?\d{1,3}))?$/i

/** Undefined for what is no decimal number, or has more digits than anybody counts. */
export function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = form.exec(String(value)) ?? []
  if (sign === undefined || (typeof value === 'string' && /e/i.test(value))) return undefined
  const digits = fraction.length - Number(exponent)
  if (Math.abs(digits) > AMOUNT_DIGITS_MAX) return undefined
  const units = BigInt(`${sign}${whole}${fraction}`)
  return digits >= 0 ? { units, digits } : { units: units * 10n ** BigInt(-digits), digits: 0 }
}

/** With as many digits after the point as the one that has more. */
export function add(a: Decimal, b: Decimal): Decimal {
  const digits = Math.max(a.digits, b.digits)
  return { units: scaled(a, digits) + scaled(b, digits), digits }
}

export function negated({ units, digits }: Decimal): Decimal {
  return { units: -units, digits }
}

/** Below zero when the first is smaller. */
export function compare(a: Decimal, b: Decimal): number {
  const { units } = add(a, negated(b))
  return units < 0n ? -1 : Number(units > 0n)
}

export function spelled({ units, digits }: Decimal): string {
  const sign = units < 0n ? '-' : ''
  const text = String(units < 0n ? -units : units).padStart(digits + 1, '0')
  const point = text.length - digits
  return `${sign}${text.slice(0, point)}${digits > 0 ? `.${text.slice(point)}` : ''}`
}

function scaled({ units, digits }: Decimal, to: number): bigint {
  return units * 10n ** BigInt(to - digits)
}
