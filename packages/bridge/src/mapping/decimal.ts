/**
 * Money and other decimals, as text from end to end (SPEC B-73): a float has no 19.90 and no 0.1, and forgets digits beyond the fifteenth. Nothing is calculated here, only written in one
 * way, so digits are moved and never converted.
 */

/** Digits that a float keeps, whatever they are (IEEE 754 double: DBL_DIG). A JSON number with more was rounded before anybody could look. */
export const FLOAT_DIGITS = 15
/** Digits of a decimal: databases and ERPs stop at 38. */
export const DECIMAL_DIGITS_MAX = 38

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

interface Parts {
  negative: boolean
  /** No zeros in front. */
  whole: string
  /** No zeros behind. */
  fraction: string
}

/** One way of writing: `-12.5`, `0`, and with a scale that many digits behind the point. @throws RangeError for what is no decimal, or does not fit without rounding */
export function canonicalDecimal(value: string | number, scale?: number): string {
  const { negative, whole, fraction } = typeof value === 'number' ? partsOfFloat(value) : partsOf(value)
  if (scale !== undefined && fraction.length > scale)
    throw new RangeError(
      `${value} has ${fraction.length} digits behind the point, the field has ${scale}; nothing is rounded here`,
    )
  const behind = scale === undefined ? fraction : fraction.padEnd(scale, '0')
  const digits = `${whole || '0'}${behind && `.${behind}`}`
  return negative && /[1-9]/.test(digits) ? `-${digits}` : digits
}

/** For a system that wants a JSON number. @throws RangeError when a float would not keep it */
export function floatOfDecimal(decimal: string): number {
  const digits = significant(partsOf(decimal))
  if (digits <= FLOAT_DIGITS) return Number(decimal)
  throw new RangeError(
    `${decimal} has ${digits} digits, and a JSON number keeps ${FLOAT_DIGITS}; send it as text`,
  )
}

function partsOfFloat(value: number): Parts {
  const parts = partsOf(String(value))
  const digits = significant(parts)
  if (digits <= FLOAT_DIGITS) return parts
  throw new RangeError(
    `the number ${value} has more digits than a JSON number keeps (${FLOAT_DIGITS}), so some are lost already; have the system or its adapter give it as text`,
  )
}

function partsOf(text: string): Parts {
  const [match, sign, front = '', behind = '', exponent = '0'] = form.exec(text.trim()) ?? []
  if (match === undefined || front + behind === '')
    throw new RangeError(`'${text}' is no decimal; want digits with a point, such as 19.90`)
  const shift = Number(exponent)
  if (front.length + behind.length + Math.abs(shift) > 2 * DECIMAL_DIGITS_MAX) throw tooLong(text)
  const digits = front + behind
  const point = front.length + shift
  const whole = digits.slice(0, Math.max(0, point)).padEnd(point, '0').replace(/^0+/, '')
  const fraction = `${'0'.repeat(Math.max(0, -point))}${digits.slice(Math.max(0, point))}`.replace(/0+$/, '')
  if (whole.length + fraction.length > DECIMAL_DIGITS_MAX) throw tooLong(text)
  return { negative: sign === '-', whole, fraction }
}

function significant({ whole, fraction }: Parts): number {
  return `${whole}${fraction}`.replace(/^0+/, '').replace(/0+$/, '').length
}

function tooLong(text: string): RangeError {
  return new RangeError(`'${text.slice(0, 100)}' has more than ${DECIMAL_DIGITS_MAX} digits`)
}
