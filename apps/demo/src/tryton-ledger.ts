/** What the adapter node called Tryton for, as the proxy between them saw it, in the story's words. */
import type { Matches, Passed } from '@skerry/systems'
import type { CaseWrite } from './crm.ts'
import { names } from './tryton-words.ts'

export const OPPORTUNITY = 'sale.opportunity'

const READING = ['search_read', 'fields_get']

export const writesOpportunities: Matches = ({ request }) => {
  const verb = verbOf(request)
  return verb !== undefined && !READING.includes(verb)
}

/** One for each row that the call is of. @param references external ids by id */
export function writesIn(
  { request, answer }: Pick<Passed, 'request' | 'answer'>,
  references: ReadonlyMap<number, string>,
): CaseWrite[] {
  const verb = verbOf(request)
  const { params } = JSON.parse(request) as { params: unknown[] }
  const committed = 'result' in (JSON.parse(answer?.body ?? '{}') as object)
  if (verb === 'create')
    return (params[0] as Record<string, unknown>[]).map((values) => {
      const fields = wordsFor(Object.keys(values))
      return { record: String(values.reference), fields, created: committed, committed }
    })
  // Pairs of ids and values; a button has ids alone. Last comes the context.
  return params.slice(0, -1).flatMap((ids, at) => {
    if (at % 2 === 1) return []
    const fields = verb === 'write' ? wordsFor(Object.keys(params[at + 1] as object)) : ['status']
    return (ids as number[]).map((id) => ({
      record: references.get(id) ?? '',
      fields,
      created: false,
      committed,
    }))
  })
}

/** `create`, `write`, a button …; undefined for calls that are not of opportunities. */
function verbOf(request: string): string | undefined {
  const { method } = JSON.parse(request) as { method: string }
  return /^model\.sale\.opportunity\.(\w+)$/.exec(method)?.[1]
}

/** A reference to another row is written by the field that holds it. */
function wordsFor(fields: readonly string[]): string[] {
  return Object.entries(names)
    .filter(([, name]) => fields.includes(name.split('.')[0]!))
    .map(([word]) => word)
}
