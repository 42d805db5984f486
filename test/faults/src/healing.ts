/** After the faults: nodes meet until they are in step, and what they hold is compared. */
import type { JsonObject, Records, ReplicaBase, Session } from '@skerry/core'
import { connect, type Link } from '@skerry/ws'
import { within } from './within.ts'

/** Milliseconds for two nodes to be in step again after many rounds. */
const IN_STEP_MS_MAX = 60_000

export type Contents<Value extends object> = Map<string, Value>

/** All records by id, or those of `ids` that are there. */
export async function contentsOf<Value extends object>(
  records: Records<Value> | Records<JsonObject>,
  ids?: readonly string[],
): Promise<Contents<Value>> {
  const typed = records as Records<Value>
  const found = ids ? await Promise.all([...new Set(ids)].map((id) => typed.get(id))) : await typed.all()
  return new Map(found.flatMap((record) => (record ? [[record.id, record]] : [])))
}

/** A link that has told and heard everything. */
export async function connected(replica: ReplicaBase, hubUrl: string): Promise<Link<Session>> {
  const link = connect(replica, `${hubUrl.replace('http', 'ws')}/sync`)
  await inStep(link)
  return link
}

/** Resolves when the link's session is current: told all, heard all, acknowledged on both sides. */
async function inStep(link: Link<Session>): Promise<void> {
  const current = async () => {
    await link.opened()
    const { session } = link
    if (!session || session.current) return
    await new Promise<void>((resolve) => {
      const stop = session.onChange(() => {
        if (!session.current && session.state !== 'closed') return
        stop()
        resolve()
      })
    })
  }
  await within(IN_STEP_MS_MAX, `a link to be in step (${link.state.phase})`, current())
  if (!link.session?.current)
    throw new Error(`the session ended while it healed: ${link.state.lastError?.message}`)
}

export function sameContents<Value extends object>(a: Contents<Value>, b: Contents<Value>): boolean {
  return firstDifference(a, b) === undefined
}

/** @throws Error that names the first difference */
export function mustBeEqual<Value extends object>(
  one: string,
  a: Contents<Value>,
  other: string,
  b: Contents<Value>,
): void {
  const id = firstDifference(a, b)
  if (id !== undefined)
    throw new Error(`${one} and ${other} differ in ${id}:\n  ${spelled(a.get(id))}\n  ${spelled(b.get(id))}`)
}

function firstDifference<Value extends object>(a: Contents<Value>, b: Contents<Value>): string | undefined {
  return [...new Set([...a.keys(), ...b.keys()])].find((id) => spelled(a.get(id)) !== spelled(b.get(id)))
}

/** Keys in order, so that equal values are equal texts. */
function spelled(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
