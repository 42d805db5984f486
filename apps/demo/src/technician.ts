/** A technician: an edge process, and the credential for the states this person works in. */
import { join } from 'node:path'
import { Child } from './child.ts'
import type { EdgeCommands } from './edge-commands.ts'
import { channelOf } from './field-service.ts'
import type { Hub } from './hub.ts'
import { type Remote, remoteOf } from './remote.ts'
import { run } from './skerry.ts'

export interface Technician {
  name: string
  states: readonly string[]
  edge: Remote<EdgeCommands>
  online(): Promise<void>
}

const script = new URL('edge-process.ts', import.meta.url).pathname

export async function startTechnician(
  name: string,
  states: readonly string[],
  folder: string,
  hub: Hub,
): Promise<Technician> {
  const child = new Child({ name, args: [script, join(folder, `${name}.db`)] })
  const edge = await remoteOf<EdgeCommands>(child)
  const channels = states.map(channelOf).join(',')
  const grant = ['--subject', `tech:${name}`, '--read', channels, '--write', channels]
  const signer = ['--hub', hub.url, '--admin-token-file', hub.adminTokenFile]
  const token = await run(['credential', 'issue', '--key', await edge.key(), ...grant, ...signer])
  await edge.enrol({ token })
  return {
    name,
    states,
    edge,
    online: async () => {
      await edge.online({ url: hub.syncUrl })
    },
  }
}
