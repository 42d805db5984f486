/** Contents of @skerry/lan. */
export type { Discovery, Service, Sighting } from './discovery.ts'
export { type MdnsOptions, mdnsDiscovery } from './mdns.ts'
export { meetPeers } from './meet-peers.ts'
export { type LanEvent, type Meeting, type MeetOptions, MeetRefused, type MetPeer } from './meeting.ts'
