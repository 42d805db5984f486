/** A bridge whose pushes are lost, so that nothing but polls and walks finds anything. */
import { type Adapter, importedId, MemorySystem, type MemorySystemOptions } from '@skerry/bridge'
import { onTestFinished } from 'vitest'
import { bridged, openNode, type TestNode } from './nodes.ts'

type Options = NonNullable<Parameters<typeof bridged>[2]>

export async function world(
  options: MemorySystemOptions = {},
  given: (adapter: Adapter) => Options = () => ({}),
) {
  const node = await openNode()
  const system = new MemorySystem({ losesPush: () => true, everyWriteCounts: true, ...options })
  const { bridge, events } = await bridged(node, system, {
    reconcileIntervalMs: 0,
    ...given(system.adapter()),
  })
  onTestFinished(() => bridge.close())
  const titles = async () => (await node.replica.jobs.all()).map(({ title }) => title).sort()
  const make = (count: number) =>
    Array.from({ length: count }, (_, i) => system.edit('cases', {}, { Title: `row ${i}` }))
  const calls = (method: string) => system.ledger.filter((call) => call.method === method).length
  return { node, system, bridge, events, titles, make, calls }
}

/** Pages of the listing, of two rows each. */
export function inPages(adapter: Adapter): Adapter {
  return { ...adapter, list: (type, position, _, call) => adapter.list!(type, position, 2, call) }
}

export const idOf = (node: TestNode, row: string) => importedId(node.host, 'memory', 'cases', row, 0)
