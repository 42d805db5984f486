/** Decimal numbers as digits. */

/** One way to write a number: no plus, no exponent, no zeros that say nothing; undefined for what is none, or has too many digits. */
export function digitsOf(text: string, precision: number, scale: number): string | undefined {
  const [, sign = '', front = '', behind = ''] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text) ?? []
  if (!/\d/.test(text) || !/^-?\d*(?:\.\d*)?$/.test(text)) return undefined
  if (front.length > precision - scale || behind.length > scale) return undefined
  const digits = `${front || '0'}${behind && `.${behind}`}`
  return sign && /[1-9]/.test(digits) ? `-${digits}` : digits
}

/** As a service tells it: with all its places behind the point. */
export function withScale(digits: string, scale: number): string {
  const [front, behind = ''] = digits.split('.')
  return scale === 0 ? `${front}` : `${front}.${behind.padEnd(scale, '0')}`
}

export function compareDigits(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => {
    const [front = '', behind = ''] = text.split('.')
    return BigInt(front.replace('-', '') + behind.padEnd(18, '0')) * (text.startsWith('-') ? -1n : 1n)
  }) as [bigint, bigint]
  return a < b ? -1 : a > b ? 1 : 0
}
