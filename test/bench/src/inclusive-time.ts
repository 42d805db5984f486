/** What a CPU profile says: for each function the share of time in which it, or something that it called, was running. */
import { basename } from 'node:path'

export interface CpuProfile {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
    children?: number[]
  }[]
  samples: number[]
  /** Microseconds before each sample. */
  timeDeltas: number[]
}

export interface Cost {
  name: string
  /** Of the time in which something ran. */
  inclusive: number
  self: number
}

const idle = new Set(['(idle)', '(root)'])
/** Of the profiler itself. */
const PROFILING = /^(?:startProfile|stopProfile) /

export function inclusiveCosts(profile: CpuProfile): { busyMs: number; costs: Cost[] } {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id)
  const own = new Map<number, number>()
  profile.samples.forEach((id, at) => {
    own.set(id, (own.get(id) ?? 0) + Math.max(0, profile.timeDeltas[at]!))
  })
  const inclusive = new Map<string, number>()
  const self = new Map<string, number>()
  let busy = 0
  for (const [id, us] of own) {
    const name = nameOf(byId.get(id)!)
    const chain = new Set<string>()
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at))
      chain.add(nameOf(byId.get(at)!))
    if (idle.has(name) || [...chain].some((one) => PROFILING.test(one))) continue
    busy += us
    self.set(name, (self.get(name) ?? 0) + us)
    for (const one of chain) inclusive.set(one, (inclusive.get(one) ?? 0) + us)
  }
  const costs = [...inclusive]
    .filter(([name]) => !idle.has(name))
    .map(([name, us]) => ({ name, inclusive: us / busy, self: (self.get(name) ?? 0) / busy }))
    .sort((a, b) => b.inclusive - a.inclusive)
  return { busyMs: busy / 1e3, costs }
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: CpuProfile['nodes'][number]): string {
  const name =
    functionName !== '' ? functionName : url === '' ? '(native code: SQLite, crypto)' : '(anonymous)'
  return url === '' || (name.startsWith('(') && name !== '(anonymous)')
    ? name
    : `${name} ${basename(url)}:${lineNumber + 1}`
}
