/** Bodies and queries of the admin side, checked. */
import type { Context } from 'hono'
import * as z from 'zod'
import { parsedJson, readCall } from '../calls/call.ts'
import { adminRequestBytesMax } from '../limits.ts'
import { checked, Problem } from '../problem.ts'

/** The checked body; an empty one reads as `{}`. */
export async function bodyOf<S extends z.ZodType>(context: Context, schema: S): Promise<z.output<S>> {
  const call = await readCall(context.req.raw, adminRequestBytesMax)
  if (call.tooLarge)
    throw new Problem('body-too-large', `more than ${adminRequestBytesMax} bytes in one admin request`)
  return checked(schema, call.bytes.length === 0 ? {} : parsedJson(call.bytes), 'invalid-request')
}

export function queryOf<S extends z.ZodType>(context: Context, schema: S): z.output<S> {
  return checked(schema, context.req.query(), 'invalid-request')
}

export const count = z
  .string()
  .regex(/^\d{1,15}$/, 'is no whole number')
  .transform(Number)
