/**
 * JSON whose numbers keep their digits: a currency has up to 18, a float 15. What no float holds exactly comes in as the text it was sent as, and goes out as a number again.
 */
import { Refusal } from './refusal.ts'

/** JSON.parse source text access, which the type library does not have yet. */
type SourceReviver = (key: string, value: unknown, context: { source: string }) => unknown
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown }

const keepDigits: SourceReviver = (_, value, context) =>
  typeof value === 'number' && String(value) !== context.source ? context.source : value

/** @throws Refusal JSON_PARSER_ERROR */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
  } catch (cause) {
    throw new Refusal('JSON_PARSER_ERROR', cause instanceof Error ? cause.message : String(cause))
  }
}

/** A number that is told with just these digits. */
export function exactNumber(digits: string): unknown {
  return rawJSON(digits)
}
