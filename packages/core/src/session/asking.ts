/**
 * What this side asks, and what of it the peer has said it will tell. Wants are numbered from 0 (the one in HELLO or WELCOME); an answer
 * names the want it is for, and everything that arrives after the answer is told under it.
 */
import type { MessageOf } from './messages.ts'
import { ProtocolError, type Want } from './port.ts'
import { narrow } from './want.ts'

export class Asking {
  readonly #ask: () => Promise<Want>
  readonly #send: (message: MessageOf<'want'>) => void
  readonly #run: (work: () => Promise<() => void>) => void
  /** By number; older ones are forgotten when a newer one is answered. */
  readonly #asked = new Map<number, Want>()
  #number = 0
  #answered = 0
  #open = false
  #asking = false
  #again = false

  /** `ask`: what this replica wants now. `run`: see MeetingPorts. */
  constructor(
    ask: () => Promise<Want>,
    send: (message: MessageOf<'want'>) => void,
    run: (work: () => Promise<() => void>) => void,
  ) {
    this.#ask = ask
    this.#send = send
    this.#run = run
  }

  /** The newest want was answered, and none is being made. */
  get answered(): boolean {
    return this.#number === this.#answered && !this.#asking && !this.#again
  }

  opened(want: Want): void {
    this.#asked.set(0, want)
    this.#open = true
    if (this.#again) this.askAgain()
  }

  /** Once more after the present one, when one is being made; not before the session is open. */
  askAgain(): void {
    this.#again = true
    if (!this.#open || this.#asking) return
    this.#again = false
    this.#asking = true
    this.#run(async () => {
      const want = await this.#ask()
      return () => this.#sendWant(want)
    })
  }

  /** What the peer will tell, by its answer. @throws ProtocolError unexpected-message */
  heard({ wantNumber, read, refused }: MessageOf<'granted'>): Want {
    const want = this.#asked.get(wantNumber)
    if (want === undefined) {
      throw new ProtocolError(
        'unexpected-message',
        `GRANTED answers want ${wantNumber}, not one of those open up to ${this.#number}`,
      )
    }
    for (const older of [...this.#asked.keys()]) if (older < wantNumber) this.#asked.delete(older)
    this.#answered = wantNumber
    return narrow(want, read, refused)
  }

  #sendWant(want: Want): void {
    this.#asking = false
    this.#number += 1
    this.#asked.set(this.#number, want)
    this.#send({ type: 'want', want })
    if (this.#again) this.askAgain()
  }
}
