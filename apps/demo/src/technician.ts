/** A technician: an edge process, and the credential for the states this person works in. */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { channelOf } from '@skerry/field-service'
import type { Cast } from './cast.ts'
import type { Child } from './child.ts'
import type { EdgeCommands } from './edge-commands.ts'
import type { Hub } from './hub.ts'
import { type Remote, remoteOf } from './remote.ts'
import { run } from './skerry.ts'

export interface Technician {
  name: string
  states: readonly string[]
  process: Child
  /** Bound to this edge's key. */
  token: string
  edge: Remote<EdgeCommands>
  /** Resolves when the edge and the hub are in step. */
  online(): Promise<void>
}

export interface Hired {
  name: string
  states: readonly string[]
}

const script = fileURLToPath(new URL('edge-process.ts', import.meta.url))

export async function startTechnician(
  cast: Cast,
  { name, states }: Hired,
  folder: string,
  hub: Hub,
): Promise<Technician> {
  const child = cast.start({ name, args: [script, join(folder, `${name}.db`)] })
  const edge = await remoteOf<EdgeCommands>(child)
  const channels = states.map(channelOf).join(',')
  const grant = ['--subject', `tech:${name}`, '--read', channels, '--write', channels]
  const signer = ['--hub', hub.url, '--admin-token-file', hub.adminTokenFile]
  const token = await run(cast, ['credential', 'issue', '--key', await edge.key(), ...grant, ...signer])
  await edge.enrol({ token })
  const online = async () => {
    await edge.online({ url: hub.syncUrl })
  }
  return { name, states, process: child, token, edge, online }
}
