/** Whoever heard a session replays it. What an attacker's own device sends is mutated on its way out (network/tampering.ts). */
import { Life } from '../machine/life.ts'
import { HUB } from '../plan/topology.ts'
import type { StepContext } from './step-context.ts'

/** Message type of the session protocol. */
const HELLO = 0x02

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
