// Finds rings of imports, type imports included. Every ring lies inside one strongly connected component of the import graph
// (Tarjan, "Depth-first search and linear graph algorithms", 1972). A component of forty files is one tangle, not forty
// findings, so each gives one finding: its shortest ring, which is the cheapest one to cut.

import type { CheckResult, Finding } from './finding.ts'
import type { Import } from './module-graph.ts'

type Graph = ReadonlyMap<string, ReadonlyMap<string, number>>

export function checkCycles(imports: readonly Import[]): CheckResult {
  const graph = graphOf(imports)
  const findings = components(graph)
    .filter((component) => component.length > 1 || graph.get(component[0] ?? '')?.has(component[0] ?? ''))
    .map((component): Finding => {
      const ring = shortestRing(graph, component)
      const [file = '', next = ''] = ring
      const size =
        component.length > ring.length - 1 ? ` (one ring of a tangle of ${component.length} files)` : ''
      const line = graph.get(file)?.get(next) ?? 1
      return { rule: 'import-cycle', file, line, message: `${ring.join(' → ')}${size}` }
    })
  const edges = [...graph.values()].reduce((sum, targets) => sum + targets.size, 0)
  return { findings, warnings: [], scope: `${graph.size} files, ${edges} imports between them` }
}

/** From each file to the files it imports, with the line of the first such import. */
function graphOf(imports: readonly Import[]): Graph {
  const graph = new Map<string, Map<string, number>>()
  for (const { from, target, line } of imports) {
    if (target.kind !== 'file') continue
    const targets = graph.get(from.path) ?? new Map<string, number>()
    if (!targets.has(target.path)) targets.set(target.path, line)
    graph.set(from.path, targets)
    if (!graph.has(target.path)) graph.set(target.path, new Map())
  }
  return graph
}

/** Tarjan's algorithm with its own stack, so that a long chain of imports cannot exhaust the call stack. */
function components(graph: Graph): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const found: string[][] = []

  const enter = (node: string): { node: string; rest: Iterator<string> } => {
    low.set(node, index.size)
    index.set(node, index.size)
    open.push(node)
    isOpen.add(node)
    return { node, rest: (graph.get(node) ?? new Map<string, number>()).keys() }
  }
  const lower = (node: string, value: number): void => {
    low.set(node, Math.min(low.get(node) ?? value, value))
  }
  const close = (node: string): void => {
    const component = open.splice(open.lastIndexOf(node))
    for (const member of component) isOpen.delete(member)
    found.push(component.sort())
  }

  for (const root of graph.keys()) {
    if (index.has(root)) continue
    const path = [enter(root)]
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.next()
      if (next.done === true) {
        path.pop()
        if (low.get(top.node) === index.get(top.node)) close(top.node)
        const parent = path.at(-1)
        if (parent !== undefined) lower(parent.node, low.get(top.node) ?? 0)
      } else if (!index.has(next.value)) path.push(enter(next.value))
      else if (isOpen.has(next.value)) lower(top.node, index.get(next.value) ?? 0)
    }
  }
  return found
}

function shortestRing(graph: Graph, component: readonly string[]): string[] {
  const rings = component.map((start) => ringThrough(graph, start, new Set(component)))
  return rings.reduce((best, ring) => (ring.length < best.length ? ring : best))
}

/** Breadth first from `start` back to itself: `[start, …, start]`. */
function ringThrough(graph: Graph, start: string, inside: ReadonlySet<string>): string[] {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const next of graph.get(node)?.keys() ?? []) {
      if (next === start) return [...trail(cameFrom, start, node), start]
      if (!inside.has(next) || cameFrom.has(next)) continue
      cameFrom.set(next, node)
      queue.push(next)
    }
  }
  throw new Error(
    `${start} is in a component of ${inside.size} files but on no ring: the component search is wrong`,
  )
}

function trail(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const steps = [end]
  for (let at = end; at !== start; ) {
    at = cameFrom.get(at) ?? start
    steps.unshift(at)
  }
  return steps
}
