/**
 * A service as records of DNS-SD (RFC 6763), and back. What comes back was said by anybody: every field is checked, what does not fit is left out.
 *
 *     _skerry._tcp.local        PTR  <node>._skerry._tcp.local
 *     <node>._skerry._tcp.local SRV  <node>.local, port        TXT  txtvers=1 space=… node=… v=1-1
 *     <node>.local              A    each address of this host
 *
 * The name is the node id, a hash of a key: two nodes never claim the same one, so none is probed for (RFC 6762, 8.1).
 */
import type { ResponseOutgoingPacket, ResponsePacket } from 'multicast-dns'
import type { Service, Sighting } from './discovery.ts'
import { BELIEVED_S_MAX, SERVICES_PER_PACKET_MAX, SPACE_BYTES_MAX } from './limits.ts'

export const SERVICE_TYPE = '_skerry._tcp.local'
const PATH = '/sync'

/** What of a decoded packet is looked at. Types of the decoder promise more than hostile bytes hold. */
type Records = readonly { type: string; name: string; ttl?: unknown; data?: unknown }[]

/** `seconds` 0: the service goes. */
export function announcement(
  service: Service,
  addresses: readonly string[],
  seconds: number,
): ResponseOutgoingPacket {
  const { space, node, versionMin, versionMax, port } = service
  const [instance, target, ttl] = [`${node}.${SERVICE_TYPE}`, `${node}.local`, seconds]
  const said = ['txtvers=1', `space=${space}`, `node=${node}`, `v=${versionMin}-${versionMax}`]
  return {
    answers: [{ type: 'PTR', name: SERVICE_TYPE, ttl, data: instance }],
    additionals: [
      { type: 'SRV', name: instance, ttl, data: { priority: 0, weight: 0, port, target } },
      { type: 'TXT', name: instance, ttl, data: said },
      ...addresses.map((address) => ({ type: 'A' as const, name: target, ttl, data: address })),
    ],
  }
}

/** Whether a question of this packet is for services of ours. */
export function isAsked(questions: readonly { name: string; type: string }[]): boolean {
  return questions.some(
    ({ name, type }) => name.toLowerCase() === SERVICE_TYPE && (type === 'PTR' || type === 'ANY'),
  )
}

/** The services in a packet that came from `address`, the only place where they are dialled: what a packet says of addresses could be anyone's. */
export function sightings(
  { answers, additionals }: Pick<ResponsePacket, 'answers' | 'additionals'>,
  address: string,
): Sighting[] {
  const records = [...(answers ?? []), ...(additionals ?? [])] as Records
  const pointers = records.filter(({ type, name }) => type === 'PTR' && name.toLowerCase() === SERVICE_TYPE)
  return pointers
    .slice(0, SERVICES_PER_PACKET_MAX)
    .flatMap(({ data, ttl }) => (typeof data === 'string' ? sighting(records, data, ttl, address) : []))
}

function sighting(records: Records, instance: string, ttl: unknown, address: string): Sighting[] {
  const of = (wanted: string) => records.find(({ type, name }) => type === wanted && name === instance)?.data
  const port = portOf(of('SRV'))
  const said = fieldsOf(of('TXT'))
  const versions = /^(\d{1,5})-(\d{1,5})$/.exec(said.get('v') ?? '')
  const [space = '', node = ''] = [said.get('space'), said.get('node')]
  const isNamed = /^[0-9a-f]{32}$/.test(node) && instance.toLowerCase() === `${node}.${SERVICE_TYPE}`
  if (!isNamed || !versions || port === undefined || space === '') return []
  if (Buffer.byteLength(space) > SPACE_BYTES_MAX || typeof ttl !== 'number') return []
  const [versionMin, versionMax] = [Number(versions[1]), Number(versions[2])]
  const forMs = Math.min(ttl, BELIEVED_S_MAX) * 1_000
  return [{ space, node, versionMin, versionMax, url: `ws://${address}:${port}${PATH}`, forMs }]
}

function portOf(data: unknown): number | undefined {
  const port = typeof data === 'object' && data !== null && 'port' in data ? data.port : undefined
  return typeof port === 'number' && port > 0 && port < 65_536 ? port : undefined
}

/** `key=value` strings; of a key that comes twice the first counts (RFC 6763, 6.4). */
function fieldsOf(data: unknown): Map<string, string> {
  const fields = new Map<string, string>()
  const strings = Array.isArray(data) ? (data as unknown[]) : [data]
  for (const bytes of strings) {
    const text = Buffer.isBuffer(bytes) ? bytes.toString('utf8') : ''
    const [key = '', ...value] = text.split('=')
    if (!fields.has(key)) fields.set(key, value.join('='))
  }
  return fields
}
