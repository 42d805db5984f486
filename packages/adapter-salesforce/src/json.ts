/** JSON whose numbers keep their digits: a currency of Salesforce has up to 18, a float 15. What no float holds is told as a decimal string (SPEC SF-06). */

/** JSON.parse source text access, which the type library does not have yet. */
type SourceReviver = (key: string, value: unknown, context: { source: string }) => unknown

/** Digits that a float keeps, whatever they are. */
const FLOAT_DIGITS = 15

const keepDigits: SourceReviver = (_, value, context) =>
  typeof value === 'number' && significant(context.source) > FLOAT_DIGITS ? context.source : value

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
  } catch {
    return undefined
  }
}

function significant(source: string): number {
  const [mantissa = ''] = source.toLowerCase().split('e')
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length
}
