/**
 * What can be refused, as one class: thrown where the refusal is decided, turned into RFC 9457 problem+json at the edge.
 * `code` is the stable name; a caller must never have to parse `detail`.
 */
import type { z } from 'zod'

const statusByCode = {
  'invalid-json': 400,
  'invalid-request': 400,
  'invalid-fields': 400,
  'invalid-cursor': 400,
  'invalid-client': 401,
  'invalid-token': 401,
  'foreign-origin': 403,
  'not-found': 404,
  'unknown-type': 404,
  'duplicate-external-id': 409,
  deleted: 410,
  'version-mismatch': 412,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'idempotency-key-reused': 422,
  'precondition-required': 428,
  'rate-limited': 429,
  internal: 500,
} as const

export type ProblemCode = keyof typeof statusByCode

export type FieldError = { path: string; message: string; code: string }

type ProblemExtra = { headers?: Record<string, string>; members?: Record<string, unknown> }

export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  readonly headers: Record<string, string>
  /** Extension members of the problem body, for example `errors` or `row`. */
  readonly members: Record<string, unknown>

  constructor(code: ProblemCode, detail: string, extra: ProblemExtra = {}) {
    super(detail)
    this.name = 'Problem'
    this.code = code
    this.status = statusByCode[code]
    this.headers = extra.headers ?? {}
    this.members = extra.members ?? {}
  }

  body(instance: string): Record<string, unknown> {
    return {
      type: `urn:skerry-sandbox:problem:${this.code}`,
      title: this.code.replaceAll('-', ' '),
      status: this.status,
      detail: this.message,
      instance,
      code: this.code,
      ...this.members,
    }
  }
}

/** JSON Pointer (RFC 6901) below `base`. */
function pointer(base: string, path: readonly PropertyKey[]): string {
  return base + path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** One error per offending place; zod reports all unknown keys of an object as one issue. */
function fieldErrors(error: z.ZodError, base: string): FieldError[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: pointer(base, [...issue.path, key]),
          message: `"${key}" is not a known name here`,
          code: 'unknown_field',
        }))
      : [{ path: pointer(base, issue.path), message: issue.message, code: issue.code }],
  )
}

/** `value` as `schema` sees it, or a Problem that lists every offending place. */
export function checked<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: ProblemCode,
  base = '',
): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = fieldErrors(result.error, base)
  const first = errors[0]
  throw new Problem(code, `${first?.path || '/'}: ${first?.message}${more(errors.length)}`, {
    members: { errors },
  })
}

function more(count: number): string {
  return count > 1 ? ` (and ${count - 1} more)` : ''
}
