/** Bodies of the API, checked. */
import * as z from 'zod'
import { Refusal } from '../refusal.ts'
import type { Ask } from './endpoint.ts'

const record = z.record(z.string(), z.unknown())

/** @throws Refusal JSON_PARSER_ERROR */
export function bodyAs<S extends z.ZodType>({ json }: Ask, schema: S): z.output<S> {
  const parsed = schema.safeParse(json())
  if (parsed.success) return parsed.data
  const { path = [], message = '' } = parsed.error.issues[0] ?? {}
  throw new Refusal('JSON_PARSER_ERROR', `${path.map(String).join('.') || 'body'}: ${message}`)
}

/** The fields of one row. What `attributes` say is for collections. */
export function fieldsOf(ask: Ask): Record<string, unknown> {
  const { attributes: _, ...fields } = bodyAs(ask, record)
  return fields
}
