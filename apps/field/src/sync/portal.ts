/**
 * Whether a Wi-Fi that wants a sign-in answers in the hub's place. A WebSocket in a browser does not say why it did not open, so a small address of the hub is asked: a page, or a way elsewhere, is no
 * hub. Of a hub behind https, such a network can fake nothing, and it looks like none.
 */
import type { HubDoor } from '@skerry/credentials'

/** Milliseconds between two questions, while somebody wants to know: at least, and at most when the answer stays. */
export const ASK_MS_MIN = 30_000
export const ASK_MS_MAX = 480_000

/** Milliseconds that nobody may listen within one outage: whoever goes from page to page looks away in between. */
export const AWAY_MS_MAX = 30_000

/** Milliseconds: what takes longer is no answer. */
const ANSWER_MS_MAX = 10_000

/** Network Authentication Required (RFC 6585, 6). */
const PORTAL_STATUS = 511

/** Refusals are of the hub, or of a proxy of its own that says that it is down. */
export async function isPortal({ hub, fetch: ask = fetch }: HubDoor): Promise<boolean> {
  try {
    const response = await ask(new URL('/api/v1/authority', hub).href, {
      // Followed by nobody: a browser tells of it as of no status at all, 0.
      redirect: 'manual',
      cache: 'no-store',
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    if (response.status === PORTAL_STATUS) return true
    return response.status < 400 && !(await isOfHub(response))
  } catch {
    return false
  }
}

async function isOfHub(response: Response): Promise<boolean> {
  const answer = (await response.json().catch(() => undefined)) as { publicKey?: unknown } | undefined
  return typeof answer?.publicKey === 'string'
}

/** Asks as long as somebody listens, which is to be where there is no session. */
export class PortalLook {
  #isPortal = false
  readonly #door: HubDoor
  readonly #listeners = new Set<() => void>()
  #askedAt = Number.NEGATIVE_INFINITY
  /** When the last listener went. */
  #leftAt = Number.NEGATIVE_INFINITY
  #waitMs = ASK_MS_MIN
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(door: HubDoor) {
    this.#door = door
  }

  /** By the last answer, which does not outlive its outage. */
  get isPortal(): boolean {
    const isOver = this.#listeners.size === 0 && performance.now() - this.#leftAt >= AWAY_MS_MAX
    return this.#isPortal && !isOver
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#isPortal = this.isPortal
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#askAfter(ASK_MS_MIN)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#leftAt = performance.now()
      clearTimeout(this.#timer)
    }
  }

  /** @param waitMs since the last question */
  #askAfter(waitMs: number): void {
    this.#waitMs = waitMs
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), Math.max(0, this.#askedAt + waitMs - performance.now()))
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now()
    const before = this.#isPortal
    this.#isPortal = await isPortal(this.#door)
    if (this.#listeners.size === 0) return
    const isNew = this.#isPortal !== before
    this.#askAfter(isNew ? ASK_MS_MIN : Math.min(2 * this.#waitMs, ASK_MS_MAX))
    if (isNew) for (const listener of this.#listeners) listener()
  }
}
