/** Everybody in the story, started: hub, CRM, adapter node and two technicians. The gateway comes with its chapter. */
import { AdapterNode } from './adapter-node.ts'
import { type Crm, startCrm } from './crm.ts'
import { type Airport, readAirports } from './data.ts'
import { type Hub, startHub } from './hub.ts'
import { startTechnician, type Technician } from './technician.ts'

export interface World {
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

export async function startWorld(folder: string, ports: Ports): Promise<World> {
  const airports = readAirports()
  const [hub, crm] = await Promise.all([startHub(folder, ports.hub), startCrm(folder, ports.crm)])
  const adapter = new AdapterNode(hub, crm.url, folder)
  const [ana, ben] = await Promise.all([
    startTechnician('ana', ['WA', 'OR'], folder, hub),
    startTechnician('ben', ['OR', 'CA'], folder, hub),
  ])
  return { folder, airports, hub, crm, adapter, ana, ben }
}
