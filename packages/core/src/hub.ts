/** What the space's authority adds to a replica. Whoever is no hub does not import it, and does not carry it. */

export { hubRole } from './replica/hub-role.ts'
export type { HubRole } from './replica/replica.ts'
