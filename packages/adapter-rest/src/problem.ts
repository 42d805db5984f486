/** What a refusal says: RFC 9457 problem details where the system speaks them, its own words where it does not. */
import type { Told } from '@skerry/bridge/http'
import * as z from 'zod'
import { REASON_LENGTH_MAX } from './limits.ts'

const word = z.string().optional().catch(undefined)

const fieldError = z.object({
  path: word,
  field: word,
  /** JSON:API. */
  source: z.object({ pointer: z.string() }).optional().catch(undefined),
  message: word,
  detail: word,
  code: word,
})

type FieldError = z.output<typeof fieldError>

/** A list of errors, or one entry for each field as Rails and Django have it. */
const errorsSchema = z.union([
  z.array(z.union([fieldError, z.string().transform((message): FieldError => ({ message }) as FieldError)])),
  z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .transform((byField) =>
      Object.entries(byField).map(
        ([field, said]) => ({ field, message: [said].flat().join(', ') }) as FieldError,
      ),
    ),
])

/** Every member optional: a problem is read, never trusted to be complete. */
const problemSchema = z.object({
  title: word,
  detail: word,
  message: word,
  code: word,
  /** OAuth says a word, OData and others an object. */
  error: z
    .union([
      z.string().transform((code) => ({ code, message: undefined })),
      z.object({ code: word, message: word }),
    ])
    .optional()
    .catch(undefined),
  error_description: word,
  errors: errorsSchema.optional().catch(undefined),
  row: z.record(z.string(), z.unknown()).nullish().catch(undefined),
})

export function problemOf(json: unknown): Partial<z.output<typeof problemSchema>> {
  return problemSchema.safeParse(json).data ?? {}
}

/** Whether a body says that something went wrong, whatever its status says. */
export function speaksOfAnError(json: unknown): boolean {
  const { error, errors } = problemOf(json)
  return error !== undefined || (errors !== undefined && errors.length > 0)
}

/** In the system's words, with the status for whoever has to look it up. */
export function reasonOf({ status, body, json }: Pick<Told, 'status' | 'body' | 'json'>): string {
  const { title, detail, message, error, error_description, errors = [], ...problem } = problemOf(json)
  const code = problem.code ?? error?.code
  const said =
    detail ??
    message ??
    error?.message ??
    error_description ??
    title ??
    (errors.length > 0 ? '' : body.trim())
  const more = errors.flatMap((one) => {
    const why = one.message ?? one.detail
    return why ? [`${placeOf(one) ?? ''} ${why}`.trim()] : []
  })
  const whole = [said, ...more.filter((one) => !said.includes(one))].filter(Boolean).join('; ')
  return `${status}${code ? ` ${code}` : ''}: ${whole || 'no reason given'}`.slice(0, REASON_LENGTH_MAX)
}

/** Names of the fields that a refusal speaks of. */
export function fieldsOf(json: unknown): string[] {
  const places = problemOf(json).errors?.flatMap((one) => placeOf(one) ?? []) ?? []
  const names = places.map((place) =>
    place
      .replace(/^\/((data\/)?attributes\/|fields\/)?/, '')
      .split('/')[0]!
      .replaceAll('~1', '/')
      .replaceAll('~0', '~'),
  )
  return [...new Set(names.filter((name) => name !== ''))]
}

function placeOf({ path, field, source }: FieldError): string | undefined {
  return path ?? field ?? source?.pointer
}
