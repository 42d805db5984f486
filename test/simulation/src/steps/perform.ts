/** Makes one planned step happen. Nothing here waits for what it starts: that is what the scheduler is for. */

import { seededRandom } from '../machine/random.ts'
import type { Step } from '../plan/step.ts'
import type { StepKind } from '../plan/vocabulary.ts'
import type { World } from '../world.ts'
import * as copies from './copies.ts'
import * as faults from './faults.ts'
import { replaySession } from './hostile.ts'
import { editInOffice, editOrder } from './order-edits.ts'
import { appear, vanish } from './presence.ts'
import { measure } from './readings.ts'
import * as rights from './rights.ts'
import type { StepContext } from './step-context.ts'
import { upkeep } from './upkeep.ts'
import { createVisit, deleteVisit, type EditContext, editVisit, settleAside } from './visit-edits.ts'

/** Gives back milliseconds that pass then, or what goes on by itself. */
type Perform = (context: StepContext) => unknown

const performers: Record<StepKind, Perform> = {
  create: edit(async (context) => void (await createVisit(context))),
  edit: edit((context) => editVisit(context, {})),
  move: edit((context) => editVisit(context, { moves: true })),
  delete: edit((context) => deleteVisit(context)),
  reapply: edit((context) => settleAside(context)),
  order: edit((context) => editOrder(context)),
  office: ({ world, random }) => {
    if (world.nodes.has('adapter')) editInOffice(world.api, random, world.ledger, world.tell)
  },
  reading: ({ world, random }) => {
    const process = world.nodes.get('gateway')?.running
    return process && measure(process, random, world.measurements, world.tell)
  },
  pass: () => undefined,
  upkeep,
  cut: faults.cut,
  partition: faults.partition,
  clog: faults.clog,
  flap: faults.flap,
  crash: faults.crash,
  crashMidway: faults.crashMidway,
  restart: faults.restart,
  slowDisk: faults.slowDisk,
  fullDisk: faults.fullDisk,
  failingDisk: faults.failingDisk,
  flippingDisk: faults.flippingDisk,
  rot: faults.rot,
  skew: faults.skew,
  night: faults.night,
  to1970: faults.to1970,
  backup: copies.backUp,
  restore: copies.restore,
  clone: copies.clone,
  twin: copies.twin,
  leave: copies.leave,
  setBack: copies.setBack,
  comeBack: copies.comeBack,
  regrant: rights.regrant,
  expire: rights.expire,
  revoke: rights.revoke,
  narrow: rights.narrow,
  widen: rights.widen,
  replay: replaySession,
  appear,
  vanish,
}

/** @returns milliseconds that pass by this step */
export function perform(world: World, step: Step): number {
  const node = world.nodes.get(step.node)
  if (!node || world.retired.has(node)) return 0
  const random = seededRandom(step.salt)
  const done = performers[step.kind]({ world, node, random })
  if (typeof done === 'number') return done
  if (done instanceof Promise) done.catch((error: unknown) => world.found(error))
  return 0
}

/** Edits happen on devices that are up; hubs edit nothing by themselves. */
function edit(run: (context: EditContext) => Promise<void>): Perform {
  return ({ world, node, random }) => {
    const process = node.running
    if (!process?.life.isAlive || node.plan.kind !== 'edge') return
    const { ledger, tell, plan } = world
    return run({ process, random, ledger, isBulky: plan.isBulky, tell })
  }
}
