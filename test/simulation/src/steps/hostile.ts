/**
 * What an attacker does. One device's owner is one: its messages to the hub are mutated on their way out, by chance, with checksums made right where that lets them in further. And
 * whoever heard a session replays it.
 */
import { crc32 } from '@skerry/core'
import type { Random } from '../machine/random.ts'
import { HUB } from '../plan/topology.ts'
import type { StepContext } from './perform.ts'
import { Life } from '../machine/life.ts'

const FRAME = 0x10
const HELLO = 0x02
const CRC_BYTES = 4
/** Share of an attacker's messages that are not what its replica said. */
const MUTATED_SHARE = 0.15
/** Messages of others that an attacker keeps. */
export const OVERHEARD_MAX = 64

/** What leaves an attacker's device in place of this message. */
export function mutated(random: Random, message: Uint8Array): Uint8Array[] {
  if (!random.chance(MUTATED_SHARE)) return [message]
  const bytes = message.slice()
  const what = random.below(5)
  if (what === 0) return [bytes.subarray(0, random.below(bytes.length))]
  if (what === 1) return [bytes, bytes]
  if (what === 2) return [Uint8Array.from([...bytes, ...random.bytes(1 + random.below(8))])]
  bytes[random.below(bytes.length)]! ^= 1 << random.below(8)
  if (what === 3) return [bytes]
  return [reframed(random, message.slice())]
}

/** A frame with a flipped bit somewhere in its items, and with the checksum of what it says now: the entries' own checks must find it. */
function reframed(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== FRAME || bytes[1]! & 1 || bytes.length < 3 + CRC_BYTES) return bytes
  const end = bytes.length - CRC_BYTES
  bytes[2 + random.below(end - 2)]! ^= 1 << random.below(8)
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, crc32(bytes.subarray(2, end)), true)
  return bytes
}

/** The hub hears again what a device once said in its handshake. The nonce is another one, so that nothing comes of it. */
export function replaySession({ world, random }: StepContext): void {
  const hellos = world.overheard.filter(({ message }) => message[0] === HELLO)
  if (hellos.length === 0) return
  const { from, at } = random.pick(hellos)
  const said = world.overheard.slice(at).filter((one) => one.from === from)
  world.tell(`what ${from} said is replayed to the hub`)
  const life = new Life(world.scheduler)
  world.network.dial({ name: 'replayer', life })(
    HUB,
    (transport) => {
      transport.bind({ message: () => undefined, drained: () => undefined, closed: () => life.end() })
      for (const { message } of said) transport.send(message)
    },
    () => life.end(),
  )
}
