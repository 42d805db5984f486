/** What a refusal says: RFC 9457 problem details where the system speaks them, its own words where it does not. */
import * as z from 'zod'
import { REASON_LENGTH_MAX } from './limits.ts'

const fieldError = z.object({
  path: z.string().optional(),
  field: z.string().optional(),
  message: z.string().optional(),
})

/** Every member optional: a problem is read, never trusted to be complete. */
const problemSchema = z.object({
  title: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  errors: z.array(fieldError).optional().catch(undefined),
  row: z.record(z.string(), z.unknown()).nullish().catch(undefined),
})

export type ProblemBody = z.output<typeof problemSchema>

export function problemOf(body: string): ProblemBody {
  try {
    const parsed = problemSchema.safeParse(JSON.parse(body))
    return parsed.success ? parsed.data : {}
  } catch {
    return {}
  }
}

/** In the system's words, with the status for whoever has to look it up. */
export function reasonOf(status: number, body: string): string {
  const { title, detail, message, code, errors } = problemOf(body)
  const said = detail ?? message ?? title ?? body.trim()
  const more =
    errors?.flatMap(({ path, field, message: why }) =>
      why ? [`${path ?? field ?? ''} ${why}`.trim()] : [],
    ) ?? []
  const whole = [said, ...more.filter((one) => !said.includes(one))].filter(Boolean).join('; ')
  return `${status}${code ? ` ${code}` : ''}: ${whole || 'no reason given'}`.slice(0, REASON_LENGTH_MAX)
}

/** Names of the fields that a refusal speaks of. */
export function fieldsOf(body: string): string[] {
  const paths = problemOf(body).errors?.flatMap(({ path, field }) => path ?? field ?? []) ?? []
  const names = paths.map((path) =>
    path
      .replace(/^\/(fields\/)?/, '')
      .split('/')[0]!
      .replaceAll('~1', '/')
      .replaceAll('~0', '~'),
  )
  return [...new Set(names.filter((name) => name !== ''))]
}
