/** Requests to Tryton as a proxy sees them: which of them read rows, which write them. */
import type { Matches } from '@skerry/systems'

const WRITING = ['create', 'write', 'delete']

export function methodOf(request: string): string {
  return (JSON.parse(request) as { method: string }).method
}

export function reads(model: string): Matches {
  return ({ request }) => methodOf(request) === `model.${model}.search_read`
}

/** @param buttons methods that write as well */
export function writes(model: string, buttons: readonly string[] = []): Matches {
  const methods = [...WRITING, ...buttons].map((verb) => `model.${model}.${verb}`)
  return ({ request }) => methods.includes(methodOf(request))
}
