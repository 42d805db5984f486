/** The lines of a replica as the inspection finds them: what little must be there from the start, so that the rest can be loaded when somebody looks. */
import type { Session } from '@skerry/core'
import type { Dial, Link, WsTransport } from '@skerry/ws/browser'

const CLOSE_NORMAL = 1000
const TAKEN_OVER = 'the network simulator takes the line over'

export interface HeldLine {
  link: Link<Session>
  /** Under the session of now, as the socket gave it. */
  transport: WsTransport | undefined
  /** Milliseconds since 1970. */
  openedAt: number
}

export class HeldLines {
  readonly lines = new Set<HeldLine>()
  readonly #now: () => number
  /** What every dialler goes through, once there is something. */
  through: ((dial: Dial) => Dial) | undefined
  added: (line: HeldLine) => void = () => undefined

  constructor(now: () => number) {
    this.#now = now
  }

  /** From now on every dialler goes through this; what is open is closed, to be dialled anew. */
  lead(through: (dial: Dial) => Dial): void {
    this.through = through
    for (const { transport } of this.lines) transport?.close(CLOSE_NORMAL, TAKEN_OVER)
  }

  hold<L extends Link<Session>>(make: (through: (dial: Dial) => Dial) => L): L {
    const held: Partial<HeldLine> = { openedAt: 0 }
    const through =
      (dial: Dial): Dial =>
      (url, opened, failed) => {
        const { through } = this
        const noted: Dial = (at, given, refused) =>
          dial(
            at,
            (transport) => {
              held.transport = transport
              held.openedAt = this.#now()
              given(transport)
              // Something came to go through while this was on its way past it.
              if (this.through !== through) transport.close(CLOSE_NORMAL, TAKEN_OVER)
            },
            refused,
          )
        return (through?.(noted) ?? noted)(url, opened, failed)
      }
    const link = make(through)
    const line = Object.assign(held, { link }) as HeldLine
    for (const one of this.lines) if (one.link.state.phase === 'closed') this.lines.delete(one)
    this.lines.add(line)
    this.added(line)
    return link
  }
}
