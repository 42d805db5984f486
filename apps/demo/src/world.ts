/** Everybody in the story, started: hub, CRM, two technicians, and the adapter node ready to start. The gateway comes with its chapter. */
import { AdapterNode } from './adapter-node.ts'
import type { Cast } from './cast.ts'
import { type Crm, startCrm } from './crm.ts'
import { type Airport, readAirports } from './data.ts'
import { type Hub, startHub } from './hub.ts'
import { startTechnician, type Technician } from './technician.ts'

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

export interface Ports {
  /** 0 for any free one. */
  hub: number
  crm: number
}

export async function startWorld(cast: Cast, folder: string, ports: Ports): Promise<World> {
  const airports = readAirports()
  const [hub, crm] = await Promise.all([startHub(cast, folder, ports.hub), startCrm(cast, folder, ports.crm)])
  const adapter = new AdapterNode(cast, hub, crm.url, folder)
  const states = [...new Set(airports.map(({ state }) => state))]
  const [ana, ben] = await Promise.all([
    startTechnician(cast, { name: 'ana', states: ['WA', 'OR'] }, folder, hub),
    startTechnician(cast, { name: 'ben', states: ['OR', 'CA'] }, folder, hub),
    adapter.enrol(states),
  ])
  return { cast, folder, airports, hub, crm, adapter, ana, ben }
}
