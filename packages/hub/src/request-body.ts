/** Reading what a caller sends against a strict schema; what is wrong with it is answered field by field. */
import type { Context } from 'hono'
import type * as z from 'zod'
import { type FieldIssue, ProblemError } from './problem.ts'

/** @throws ProblemError `invalid-request` */
export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.infer<Schema>> {
  let body: unknown
  try {
    body = await c.req.json()
  } catch {
    throw new ProblemError('invalid-request', `${c.req.method} ${c.req.path}: the body is not JSON`)
  }
  return checked(schema, body, (path) => path.map((part) => `/${pointerPart(part)}`).join(''), c)
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
