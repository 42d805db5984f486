/** JSON as Salesforce reads it; numbers keep their digits. */
import { parseExactly } from '../exact-json.ts'
import { Refusal } from './refusal.ts'

/** @throws Refusal JSON_PARSER_ERROR */
export function parseJson(text: string): unknown {
  try {
    return parseExactly(text)
  } catch (cause) {
    throw new Refusal('JSON_PARSER_ERROR', cause instanceof Error ? cause.message : String(cause))
  }
}
