/**
 * What a newcomer does with a new app, played in a real Chromium: start, open one link, paste the other into a window that shows the app already, add in one window and see it in the other, stop
 * the hub, go on in a window that is reloaded without it, start again, and see it arrive.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { delimiter, dirname } from 'node:path'
import { type BrowserPage, type Chromium, chromium } from '@skerry/browser-test'
import { expect } from 'vitest'

/** Milliseconds: a build on a machine that others use, and the hub's start. */
const START_MS_MAX = 90_000
/** Milliseconds that a step in the browser may take on a loaded machine. */
const STEP_MS_MAX = 20_000

const LINK = /http:\/\/\S+\/#enrol=\S+/g
/** Addresses that `npm start` prints. */
const LINKS = 2

export async function playStory(app: string): Promise<void> {
  const port = await freePort()
  await using browser = await chromium()
  const first = await started(app, port)
  try {
    const [link, pasted] = first.links as [string, string]
    const windows = await Promise.all([opened(browser, link), openedBefore(browser, pasted)])
    const [here, there] = windows
    await add(here, 'Replace the anemometer')
    await shows(there, 'Replace the anemometer')
    await addsNothing(here)
    await keepsApartWhenNarrow(here)
    await keepsItsPage(here)

    expect(await first.interrupted()).toBe('')
    await there.playwright.getByText('No line to the hub').waitFor({ timeout: STEP_MS_MAX })
    await here.playwright.reload()
    await shows(here, 'Replace the anemometer')
    await add(here, 'Written without a hub')
    await shows(here, 'Written without a hub')

    const second = await started(app, port)
    await shows(there, 'Written without a hub').finally(() => second.interrupted())
    expect(windows.flatMap(({ problems }) => problems).filter(isNoRefusedLine)).toEqual([])
  } finally {
    first.kill()
  }
}

/** @param app whose hub takes no record of it */
export async function playRefusal(app: string): Promise<void> {
  await using browser = await chromium()
  const hub = await started(app, await freePort())
  try {
    const page = await opened(browser, hub.links[0]!)
    await add(page, 'Not for this hub')
    const told = page.playwright.getByRole('alert')
    await told.getByText('title: Not for this hub').waitFor({ timeout: STEP_MS_MAX })
    await told.getByText(/elsewhere/).waitFor({ timeout: STEP_MS_MAX })
    await told.getByRole('button', { name: 'Drop it' }).click()
    await told.waitFor({ state: 'detached', timeout: STEP_MS_MAX })
    await hub.interrupted()
  } finally {
    hub.kill()
  }
}

/** What a browser says of each attempt to reach a hub that is down. */
function isNoRefusedLine(problem: string): boolean {
  return !/ERR_CONNECTION_REFUSED|WebSocket/.test(problem)
}

async function opened(browser: Chromium, link: string): Promise<BrowserPage> {
  const page = await browser.page(link, { waits: false })
  await signedIn(page)
  return page
}

/** The link comes into a window that is open at the app's address: only the hash changes, and nothing is loaded anew. */
async function openedBefore(browser: Chromium, link: string): Promise<BrowserPage> {
  const page = await browser.page(link.slice(0, link.indexOf('#')), { waits: false })
  await page.playwright.getByText('This window is not signed in').waitFor({ timeout: STEP_MS_MAX })
  await page.playwright.goto(link)
  await signedIn(page)
  return page
}

async function signedIn({ playwright }: BrowserPage): Promise<void> {
  await playwright.getByLabel('Title').waitFor({ timeout: STEP_MS_MAX })
}

/** The service worker is at work, so that the page opens without a network from now on. */
async function keepsItsPage({ playwright }: BrowserPage): Promise<void> {
  const options = { timeout: STEP_MS_MAX }
  await playwright.waitForFunction('navigator.serviceWorker.controller !== null', undefined, options)
}

async function add({ playwright }: BrowserPage, title: string): Promise<void> {
  const field = playwright.getByLabel('Title')
  await field.fill(title, { timeout: STEP_MS_MAX })
  await field.press('Enter')
}

/** Blanks are no title. */
async function addsNothing(page: BrowserPage): Promise<void> {
  const before = await page.playwright.getByRole('checkbox').count()
  await add(page, '   ')
  await page.playwright.getByRole('alert').waitFor({ timeout: STEP_MS_MAX })
  expect(await page.playwright.getByRole('checkbox').count()).toBe(before)
  await page.playwright.getByLabel('Title', { exact: true }).fill('')
}

/** On a phone the switch of the line goes below the name; it does not touch the form. */
async function keepsApartWhenNarrow({ playwright }: BrowserPage): Promise<void> {
  const before = playwright.viewportSize() ?? { width: 1280, height: 720 }
  await playwright.setViewportSize({ width: 240, height: 740 })
  const [chip, field] = await Promise.all([
    playwright.getByRole('button', { name: 'Go offline' }).boundingBox(),
    playwright.getByLabel('Title', { exact: true }).boundingBox(),
  ])
  expect(field!.y - chip!.y - chip!.height).toBeGreaterThanOrEqual(8)
  await playwright.setViewportSize(before)
}

async function shows({ playwright }: BrowserPage, title: string): Promise<void> {
  await playwright.getByRole('checkbox', { name: title }).waitFor({ timeout: STEP_MS_MAX })
}

interface Started {
  links: readonly string[]
  /** As Ctrl-C does. Resolves when all of it has ended, with what it said after that. */
  interrupted(): Promise<string>
  kill(): void
}

async function started(app: string, port: number): Promise<Started> {
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}`
  const child = spawn('npm', ['start'], {
    cwd: app,
    env: { ...process.env, PATH: path, PORT: String(port), NODE_ENV: '' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const heard = (text: string) => {
    said += text
  }
  child.stderr.setEncoding('utf8').on('data', heard)
  child.stdout.setEncoding('utf8').on('data', heard)
  const kill = () => signal(child, 'SIGKILL')
  process.once('exit', kill)
  const links = await linksOf(child, () => said).finally(() => process.off('exit', kill))
  return {
    links,
    kill,
    async interrupted() {
      const before = said.length
      const closed = once(child, 'close')
      signal(child, 'SIGINT')
      await closed
      return said.slice(before)
    },
  }
}

function linksOf(child: ChildProcess, said: () => string): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>()
  const failed = (why: string) => reject(new Error(`npm start ${why}; it said:\n${said()}`))
  const timer = setTimeout(() => {
    signal(child, 'SIGKILL')
    failed(`printed no links in ${START_MS_MAX} ms`)
  }, START_MS_MAX)
  child.stdout!.on('data', () => {
    const links = said().match(LINK) ?? []
    if (links.length === LINKS) resolve(links)
  })
  child.once('exit', (code) => failed(`ended with ${code}`))
  return promise.finally(() => clearTimeout(timer))
}

/** To npm and what it has started, as a terminal does. */
function signal(child: ChildProcess, name: 'SIGINT' | 'SIGKILL'): void {
  try {
    process.kill(-child.pid!, name)
  } catch (error) {
    // ESRCH: it has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/**
 * The app is started twice at one address, which the browser's data belongs to. Meanwhile the port must stay free, so it is not one of those that systems give to outgoing connections
 * (from 32768 on Linux): a browser that looks for its hub there would one day be given that very port.
 */
const PORTS = { first: 20_000, count: 10_000 }

async function freePort(): Promise<number> {
  // Processes that run beside each other begin at different ones.
  for (let tried = 0; tried < PORTS.count; tried++) {
    const port = PORTS.first + ((process.pid + tried) % PORTS.count)
    if (await isFree(port)) return port
  }
  throw new Error(`no port of ${PORTS.count} from ${PORTS.first} is free`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
