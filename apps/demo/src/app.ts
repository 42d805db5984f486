/** The technicians' app in the demo: built if needed, served by the hub, with a link for each technician and orders to play with. */

import { channelOf } from '@skerry/field-service'
import { jobOrders } from './jobs.ts'
import { run } from './skerry.ts'
import type { Technician } from './technician.ts'
import type { World } from './world.ts'

export interface AppLink {
  name: string
  link: string
}

/** The folder for the hub to serve. The bundler is loaded only for it. */
export async function builtApp(told: (line: string) => void): Promise<string> {
  const { buildApp } = await import('@skerry/field/build')
  return buildApp({ told })
}

/** One link for each technician, good for one browser each. */
export async function prepareApp({ cast, hub, ana, ben }: World): Promise<AppLink[]> {
  const now = Date.now()
  for (const order of jobOrders(ana.states, now)) await ana.edge.create(order)
  const others = ben.states.filter((state) => !ana.states.includes(state))
  for (const order of jobOrders(others, now)) await ben.edge.create(order)
  const links: AppLink[] = []
  for (const technician of [ana, ben]) links.push(await linkFor(technician, { cast, hub }))
  return links
}

async function linkFor(
  { name, states }: Technician,
  { cast, hub }: Pick<World, 'cast' | 'hub'>,
): Promise<AppLink> {
  const channels = states.map(channelOf).join(',')
  const grant = ['--subject', `tech:${name}`, '--read', channels, '--write', channels]
  const signer = ['--hub', hub.url, '--admin-token-file', hub.adminTokenFile]
  const said = await run(cast, ['enrol', ...grant, ...signer, '--json'])
  const { link } = JSON.parse(said) as { link: string }
  return { name, link }
}
