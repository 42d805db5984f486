/** Where one contender is measured: its server's process, and Chromium on one profile after another. Whatever is awaited has an end, and `end` leaves nothing running. */
import { type BrowserPage, type Chromium, chromium } from '@skerry/browser-test'
import type { PrintedCommand } from '../../peers/src/serve-contender.ts'
import { type Measured, startProcess } from '../process.ts'
import { within } from '../within.ts'
import type { Admission } from './admission.ts'
import type { BrowserContender } from './contender.ts'
import type { BrowserEffort } from './effort.ts'
import { HUB_KEY } from './page/skerry-names.ts'
import type { BrowserServerCommands } from './server.ts'

/** Milliseconds until the worker of a page that was closed is gone. */
const GONE_MS_MAX = 10_000
/** Milliseconds beyond what a page keeps itself to. */
const SPARE_MS = 15_000

/** Some set timers to moments that have passed, and Node says so each time. */
const FLAGS = ['--disable-warning=TimeoutNegativeWarning']

type ServerProcess = Measured<BrowserServerCommands & PrintedCommand>

export interface StandOptions {
  contender: BrowserContender
  folder: string
  /** Folder of the built pages. */
  pages: string
  effort: BrowserEffort
}

export class Stand {
  readonly #options: StandOptions
  readonly #server: ServerProcess
  readonly #site: string
  #browser: Chromium | undefined

  private constructor(options: StandOptions, server: ServerProcess, site: string) {
    this.#options = options
    this.#server = server
    this.#site = site
  }

  /** What serves is started anew after the records were written. */
  static async start(options: StandOptions): Promise<Stand> {
    const { contender, folder, pages, effort } = options
    const place = { folder, records: effort.records }
    const seeding = await startProcess<BrowserServerCommands>(contender.server, FLAGS)
    await seeding.call.seed(place)
    await seeding.end()
    const server = await startProcess<BrowserServerCommands & PrintedCommand>(contender.server, FLAGS)
    return new Stand(options, server, await server.call.open({ ...place, pages }))
  }

  /** A browser on a new profile, in place of the one before. */
  async newProfile(): Promise<Chromium> {
    await this.#browser?.close()
    this.#browser = await chromium()
    return this.#browser
  }

  get browser(): Chromium {
    return this.#browser!
  }

  admit(publicKey: string | undefined): Promise<Admission> {
    return this.#server.call.admit(publicKey)
  }

  /** Opens the contender's page; with `records`, as one that has so many already. */
  async page(records?: number): Promise<BrowserPage> {
    const { contender } = this.#options
    const url = new URL(`${contender.name}.html`, this.#site)
    const { url: hub } = await this.admit(undefined)
    url.searchParams.set(HUB_KEY, hub)
    if (records !== undefined) url.searchParams.set('records', String(records))
    return this.browser.page(url.href)
  }

  /** Until nothing of the page runs any more, its worker included. */
  async closed(page: BrowserPage): Promise<void> {
    await page.close()
    const devtools = await this.browser.context.browser()!.newBrowserCDPSession()
    const isGone = async () => {
      const { targetInfos } = await devtools.send('Target.getTargets')
      return !targetInfos.some(({ type }) => type === 'shared_worker')
    }
    const endMs = performance.now() + GONE_MS_MAX
    while (!(await isGone()))
      if (performance.now() > endMs)
        throw new Error(`${this.#options.contender.name}: its worker outlives its page by ${GONE_MS_MAX} ms`)
    await devtools.detach()
  }

  /** @throws Error when the page does not answer in time: it is busy, or has crashed */
  ask<T>(answer: Promise<T>): Promise<T> {
    const { contender, effort } = this.#options
    return within(effort.limitMs + SPARE_MS, `the page of ${contender.name}`, answer)
  }

  async printed(): Promise<string[]> {
    const { times, first } = await this.#server.call.printed()
    return times === 0 ? [] : [`the server printed ${times} messages, the first: ${first}`]
  }

  async end(): Promise<void> {
    await Promise.allSettled([this.#browser?.close(), this.#server.end()])
  }
}
