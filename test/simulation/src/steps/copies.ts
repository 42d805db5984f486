/** Copies of disks: backups that are restored, machines that are cloned with a new identity, and twins that both believe to be the one. */
import { SimulatedNode } from '../nodes/node.ts'
import { HOSTILE } from '../plan/topology.ts'
import type { StepContext } from './step-context.ts'

/** Clones and twins of one run: each is a whole node more. */
const COPIES_MAX = 2

export function backUp({ world, node }: StepContext): void {
  world.tell(`${node.name} is backed up as ${world.backups.length}`)
  world.backups.push({ node, disk: node.disk.copy() })
}

/** An adapter node is not set back: its system would be told the same again, which its operator is warned of. */
export async function restore({ world, random }: StepContext): Promise<void> {
  const usable = world.backups.filter(({ node }) => node.plan.kind !== 'adapter' && !world.retired.has(node))
  if (usable.length === 0) return
  const backup = random.pick(usable)
  const { node } = backup
  world.tell(`${node.name} is restored from ${world.backups.indexOf(backup)}`)
  await node.restore(backup.disk)
  world.restored(node)
  void node.start()
}

/** Until it comes back. */
export async function leave({ world, node }: StepContext): Promise<void> {
  world.tell(`${node.name} goes away`)
  await node.crash()
}

export function comeBack({ world, node }: StepContext): void {
  world.tell(`${node.name} comes back`)
  if (!node.process) void node.start()
}

/** To the newest copy that was made of it. */
export async function setBack({ world, node }: StepContext): Promise<void> {
  const backup = world.backups.findLast((one) => one.node === node)
  if (!backup) return
  world.tell(`${node.name} is set back to ${world.backups.indexOf(backup)}`)
  await node.restore(backup.disk)
  world.restored(node)
  void node.start()
}

/** The copy is told that it is one: it gets a new log, a new key, and its own credential. */
export function clone({ world, node }: StepContext): void {
  copyOf({ world, node }, 'clone')
}

/** Nobody noticed: two machines go on under one log and one key. */
export function twin({ world, node }: StepContext): void {
  copyOf({ world, node }, 'twin')
}

function copyOf({ world, node }: Pick<StepContext, 'world' | 'node'>, as: 'clone' | 'twin'): void {
  const copies = [...world.nodes.values()].filter((one) => one.copied !== undefined).length
  if (node.plan.kind !== 'edge' || node.copied || node.name === HOSTILE || copies >= COPIES_MAX) return
  const name = `${as}${copies}`
  world.tell(`${node.name} is cloned: ${name}`)
  const copy = new SimulatedNode({ ...node.plan, name }, world, { from: node, as })
  world.add(copy)
  void copy.start()
}
