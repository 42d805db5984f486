/** Fields that hold several values at once, with who wrote each and when. */
import type { ChangeMeta, Document } from '../engine/document.ts'
import { isReservedKey, type Json, type Shape } from './shape.ts'
import type { Versions } from './versions.ts'

export interface ConcurrentValues {
  path: string[]
  /** The one that shows comes first. */
  values: { value: Json; author: string | undefined; actor: string; time: number | undefined }[]
}

export async function concurrentValues(
  document: Document,
  versions: Versions,
  authorOf: (actor: string) => Promise<string | undefined>,
): Promise<ConcurrentValues[]> {
  const found: ConcurrentValues[] = []
  const times = operationTimes(document)
  for (const { container, key, path } of scalarFields(document, versions.stored, [])) {
    const named = versions.named(path)
    if (!named) continue
    const values = document.values(container, key)
    if (values.length < 2) continue
    const listed = []
    // The engine lists the winner last.
    for (const { value: stored, operation } of values.reverse()) {
      const value = named.read(stored)
      if (value === undefined) continue
      const actor = operation.slice(operation.indexOf('@') + 1)
      listed.push({ value, actor, author: await authorOf(actor), time: times(operation) })
    }
    if (listed.length > 1) found.push({ path: named.path, values: listed })
  }
  return found
}

function* scalarFields(
  document: Document,
  shape: Shape,
  path: string[],
): Generator<{ container: string; key: string; path: string[] }> {
  const container = document.container(path)
  if (container?.kind !== 'map') return
  const keys =
    shape.kind === 'map'
      ? [...shape.fields]
      : document
          .keys(container.id)
          .filter((key) => !isReservedKey(key))
          .map((key) => [key, inner(shape)] as const)
  for (const [key, field] of keys) {
    if (field?.kind === 'scalar') yield { container: container.id, key, path: [...path, key] }
    else if (field?.kind === 'map' || field?.kind === 'keyed' || field?.kind === 'dictionary')
      yield* scalarFields(document, field, [...path, key])
  }
}

function inner(shape: Shape): Shape | undefined {
  if (shape.kind === 'keyed') return shape.row
  return shape.kind === 'dictionary' ? shape.value : undefined
}

/** Looks an operation's time up in the history: the change of its actor whose operations reach that far. */
function operationTimes(document: Document): (operation: string) => number | undefined {
  let history: ChangeMeta[] | undefined
  return (operation) => {
    // Most records hold one value everywhere, and the history of some is long.
    history ??= document.history()
    const [counter, actor] = operation.split('@')
    const change = history.find((one) => one.actor === actor && one.maxOp >= Number(counter))
    return change && change.time * 1000
  }
}
