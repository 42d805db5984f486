/** Reading what a caller sends against a strict schema; what is wrong with it is answered field by field. */
import type { Context } from 'hono'
import type * as z from 'zod'
import { REQUEST_BODY_BYTES_MAX } from './limits.ts'
import { type FieldIssue, ProblemError } from './problem.ts'

/** @throws ProblemError `invalid-request` */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const text = await boundedText(c)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new ProblemError('invalid-request', `${c.req.method} ${c.req.path}: the body is not JSON`)
  }
  return checked(schema, body, (path) => path.map((part) => `/${pointerPart(part)}`).join(''), c)
}

/** Counts while it reads: a length in the headers is only a promise, and a chunked body has none. */
async function boundedText(c: Context): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.length
    if (bytes > REQUEST_BODY_BYTES_MAX)
      throw new ProblemError(
        'request-too-large',
        `the body is above the limit of ${REQUEST_BODY_BYTES_MAX} bytes`,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Query parameters, each at most once. @throws ProblemError `invalid-request` */
export function readQuery<Schema extends z.ZodType>(c: Context, schema: Schema): z.infer<Schema> {
  const query: Record<string, string> = {}
  for (const [name, values] of Object.entries(c.req.queries())) {
    if (values.length > 1)
      throw new ProblemError('invalid-request', `?${name}= is given ${values.length} times; give it once`)
    query[name] = values[0] ?? ''
  }
  return checked(schema, query, (path) => `?${path.join('.')}`, c)
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  pathOf: (path: PropertyKey[]) => string,
  c: Context,
): z.infer<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const issues = result.error.issues.map((issue): FieldIssue => {
    return { path: pathOf(issue.path), message: issue.message, code: issue.code }
  })
  const first = issues[0]!
  throw new ProblemError(
    'invalid-request',
    `${c.req.method} ${c.req.path}: ${first.path || 'body'}: ${first.message}`,
    { issues },
  )
}

function pointerPart(part: PropertyKey): string {
  return String(part).replaceAll('~', '~0').replaceAll('/', '~1')
}
