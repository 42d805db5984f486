/** What a hono app of this sandbox answers when a handler throws: problem+json for a refusal, a log line for the rest. */
import type { Context } from 'hono'
import { Problem } from './problem.ts'

export function problemHandler(log: (error: unknown) => void) {
  return (error: Error, context: Context): Response => {
    const problem =
      error instanceof Problem ? error : new Problem('internal', 'the sandbox failed; its log has the reason')
    if (problem !== error) log(error)
    return new Response(JSON.stringify(problem.body(context.req.path)), {
      status: problem.status,
      headers: { ...problem.headers, 'content-type': 'application/problem+json' },
    })
  }
}
