/** The bridges of a node, as an operator names them; some may not run here just now (SPEC O-9). */
import type { Bridge } from '@skerry/bridge'
import { nearest } from '@skerry/core'
import { ProblemError } from '@skerry/hub'

export interface NodeBridge {
  system: string
  /** Undefined while the system is lent to another node, or the bridge could not be started. */
  bridge(): Bridge | undefined
}

export interface RunningBridge {
  system: string
  bridge: Bridge
}

/** All, or the one named. @throws ProblemError `invalid-request` */
export function bridgesAsked(all: readonly NodeBridge[], system: string | undefined): readonly NodeBridge[] {
  if (system === undefined) return all
  const asked = all.filter((one) => one.system === system)
  if (asked.length > 0) return asked
  const names = all.map((one) => one.system)
  const meant = nearest(system, names)
  throw new ProblemError(
    'invalid-request',
    `system '${system}': this node has no bridge to it; ${meant ? `did you mean '${meant}'?` : `it has ${names.join(', ')}`}`,
  )
}

/** Those among them that run here. @throws ProblemError `not-running` when none does */
export function runningBridges(
  all: readonly NodeBridge[],
  system: string | undefined,
): readonly RunningBridge[] {
  const asked = bridgesAsked(all, system)
  const running = asked.flatMap((one) => {
    const bridge = one.bridge()
    return bridge ? [{ system: one.system, bridge }] : []
  })
  if (running.length > 0) return running
  throw new ProblemError(
    'not-running',
    `${asked.map((one) => one.system).join(', ')}: not running here just now; ask the node that has it, or see why in the log of this one`,
  )
}
