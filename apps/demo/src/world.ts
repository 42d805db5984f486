/** Everybody in the story, started: hub, CRM, two technicians, and the adapter node ready to start. The gateway comes with its chapter. */
import { AdapterNode } from './adapter-node.ts'
import type { Cast } from './cast.ts'
import type { Crm } from './crm.ts'
import { type Airport, readAirports } from './data.ts'
import { type Hub, startHub } from './hub.ts'
import { startSandboxCrm } from './sandbox-crm.ts'
import { startTechnician, type Technician } from './technician.ts'
import { startTrytonCrm } from './tryton-crm.ts'

export interface World {
  cast: Cast
  /** Of every store in the story; gone when it ends. */
  folder: string
  airports: readonly Airport[]
  hub: Hub
  crm: Crm
  adapter: AdapterNode
  ana: Technician
  ben: Technician
}

/** Which system the office works in. */
export type Erp = 'sandbox' | 'tryton'

export interface Setting {
  erp: Erp
  /** Of the hub; 0 for any free one. */
  hubPort: number
  /** Of the sandbox; Tryton takes any. */
  crmPort: number
  /** Folder of the technicians' built app; undefined: nobody looks at it. */
  app: string | undefined
  /** What takes long at the beginning. */
  told(line: string): void
}

export async function startWorld(
  cast: Cast,
  folder: string,
  { erp, hubPort, crmPort, app, told }: Setting,
): Promise<World> {
  const airports = readAirports()
  const [hub, crm] = await Promise.all([
    startHub(cast, { folder, port: hubPort, app }),
    erp === 'tryton' ? startTrytonCrm(cast, told) : startSandboxCrm(cast, folder, crmPort),
  ])
  const adapter = new AdapterNode(cast, hub, crm, folder)
  const states = [...new Set(airports.map(({ state }) => state))]
  const [ana, ben] = await Promise.all([
    startTechnician(cast, { name: 'ana', states: ['WA', 'OR'] }, folder, hub),
    startTechnician(cast, { name: 'ben', states: ['OR', 'CA'] }, folder, hub),
    adapter.enrol(states),
  ])
  return { cast, folder, airports, hub, crm, adapter, ana, ben }
}
