/** A tab. What its entry exposed is called by name, with what JSON can carry; everything else is playwright's own page. */
import type { CDPSession, Page } from 'playwright-core'

/** Milliseconds. A bundle with the engine is there in a tenth of a second on a quiet machine. */
const READY_MS_MAX = 40_000

export interface OpenOptions {
  /** Until the page's entry has exposed its functions (`page/exposed.ts`). Default true. */
  waits?: boolean
  /** Default READY_MS_MAX. */
  readyMsMax?: number
}

export class BrowserPage {
  readonly playwright: Page
  /** Uncaught errors and `console.error` of the page, in order. */
  readonly problems: string[] = []

  constructor(page: Page) {
    this.playwright = page
    page.on('pageerror', (error) => this.problems.push(error.stack ?? error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text())
    })
  }

  async open(url: string, { waits = true, readyMsMax = READY_MS_MAX }: OpenOptions): Promise<void> {
    await this.playwright.goto(url)
    if (!waits) return
    try {
      await this.playwright.waitForFunction('globalThis.skerryExposed !== undefined', undefined, {
        timeout: readyMsMax,
      })
    } catch (error) {
      throw new Error(`${url} exposed nothing; the page said: ${this.problems.join('\n')}`, { cause: error })
    }
  }

  /** Calls what the entry exposed. A failure there is one here, with its name, code and stack. */
  async call<Result>(name: string, ...args: unknown[]): Promise<Result> {
    const outcome = await this.playwright.evaluate(callExposed, { name, args })
    if ('value' in outcome) return outcome.value as Result
    const { name: kind, message, stack, ...rest } = outcome.error
    throw Object.assign(new Error(message), { name: kind, stack: `${kind}: ${message}\n${stack}` }, rest)
  }

  /** What playwright has no word for, as quotas. */
  devtools(): Promise<CDPSession> {
    return this.playwright.context().newCDPSession(this.playwright)
  }

  close(): Promise<void> {
    return this.playwright.close()
  }
}

type Failure = { name: string; message: string; stack: string; code?: string }
type Outcome = { value: unknown } | { error: Failure }
type Exposed = Record<string, (...args: unknown[]) => unknown>

/** Runs in the page, so it knows nothing of this file. */
async function callExposed({ name, args }: { name: string; args: unknown[] }): Promise<Outcome> {
  try {
    const { skerryExposed } = globalThis as unknown as { skerryExposed: Exposed }
    const called = skerryExposed[name]
    if (!called) throw new RangeError(`the page exposes no ${name}, only ${Object.keys(skerryExposed)}`)
    return { value: await called(...args) }
  } catch (error) {
    const { name, message, stack, code } = error as Failure
    return { error: { name, message, stack: String(stack), ...(code !== undefined && { code }) } }
  }
}
