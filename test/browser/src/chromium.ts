/**
 * A real Chromium on a profile of its own. It is started by us and only driven by playwright, so that its whole process group can be killed as the power would, and started again on the same
 * profile; and so that pages get the profile's own storage, which playwright's usual contexts do not.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium as playwright } from 'playwright-core'
import { BrowserPage, type OpenOptions } from './browser-page.ts'
import { chromiumPath } from './lack.ts'

/** Milliseconds. A cold start on a loaded machine of two cores takes up to five seconds. */
const START_MS_MAX = 60_000
/** Milliseconds for a polite end, which writes the profile back. */
const CLOSE_MS_MAX = 5_000
const ADDRESS = /DevTools listening on (ws:\S+)/
/** No sandbox, because tests run as root in containers; nothing that talks to anybody but the page's own server. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
]

export interface ChromiumOptions {
  /** Folder of the profile. Absent: a new one, removed at `close`. */
  profile?: string
  /** More command line arguments. */
  args?: readonly string[]
}

export class Chromium {
  readonly pid: number
  readonly profile: string
  readonly #process: ChildProcess
  readonly #browser: Browser
  readonly #isOwnProfile: boolean

  constructor(child: ChildProcess, browser: Browser, profile: string, isOwnProfile: boolean) {
    this.#process = child
    this.#browser = browser
    this.pid = child.pid!
    this.profile = profile
    this.#isOwnProfile = isOwnProfile
  }

  /** The profile's own context: its pages share storage, workers and locks. */
  get context(): BrowserContext {
    return this.#browser.contexts()[0]!
  }

  /** Opens a tab. */
  async page(url: string, options: OpenOptions = {}): Promise<BrowserPage> {
    const page = new BrowserPage(await this.context.newPage())
    await page.open(url, options)
    return page
  }

  /** SIGKILL for the whole group: what the operating system had not been given is lost. The profile stays. */
  async kill(): Promise<void> {
    killGroup(this.#process)
    if (!hasEnded(this.#process)) await once(this.#process, 'exit')
    await this.#browser.close()
  }

  /** A polite end. Idempotent, also after `kill`. */
  async close(): Promise<void> {
    if (!hasEnded(this.#process)) {
      const ended = once(this.#process, 'exit')
      this.#process.kill('SIGTERM')
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CLOSE_MS_MAX).unref())])
    }
    await this.kill()
    if (this.#isOwnProfile) await removeProfile(this.profile)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** @throws Error with what Chromium said, when it does not start in START_MS_MAX */
export async function chromium(options: ChromiumOptions = {}): Promise<Chromium> {
  const profile = options.profile ?? (await newProfile())
  const child = spawn(
    chromiumPath(),
    [...ARGUMENTS, ...(options.args ?? []), `--user-data-dir=${profile}`, 'about:blank'],
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const killAtExit = () => killGroup(child)
  process.once('exit', killAtExit)
  child.once('exit', () => process.off('exit', killAtExit))
  endWithUs(child)
  const browser = await playwright.connectOverCDP(await addressOf(child), { noDefaults: true })
  return new Chromium(child, browser, profile, options.profile === undefined)
}

/** A test process that is killed would leave its browser behind, at work for ever. Its death closes the input of a shell that then ends the browser. */
function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined) return
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -KILL -"$1"', 'watcher', String(child.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.unref()
  child.once('exit', () => {
    watcher.kill('SIGKILL')
    watcher.stdin?.destroy()
  })
}

/** An empty folder for a browser that is killed and started again. */
export function newProfile(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'skerry-chromium-'))
}

/** Of a browser that has ended: its last children may still be writing for a moment. */
export function removeProfile(profile: string): Promise<void> {
  return rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

function addressOf(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  const timer = setTimeout(() => {
    killGroup(child)
    reject(new Error(`Chromium did not start in ${START_MS_MAX} ms; it said:\n${said}`))
  }, START_MS_MAX)
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    if (said.length < 10_000) said += chunk
    const address = ADDRESS.exec(said)?.[1]
    if (address !== undefined) resolve(address)
  })
  child.once('error', reject)
  child.once('exit', (code) =>
    reject(new Error(`Chromium ended with ${code} at its start; it said:\n${said}`)),
  )
  return promise.finally(() => clearTimeout(timer))
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    // ESRCH: all of the group has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
