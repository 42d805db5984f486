/** The app as a technician has it: built, served by a real hub, opened in a real Chromium. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Chromium, chromium } from '@skerry/browser-test'
import type { JsonObject } from '@skerry/core'
import { buildApp } from '@skerry/field/build'
import { collections, doneNeedsHours, SPACE, type WorkOrder } from '@skerry/field-service'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { type Hub, startHub } from '@skerry/hub'
import type { BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { FIRST_REPLICA, photosNameOf } from '../src/start/replica-name.ts'

const ADMIN_TOKEN = 'an-admin-token-for-tests-only-0123456789'

/** Milliseconds a step in the browser may take on a loaded machine; below a test's own limit, so that it is the step that is named. */
const STEP_MS_MAX = 40_000

/** Milliseconds until the app is built and served: on a machine that does other things, too. */
const READY_MS_MAX = 240_000

/** As a hub keeps one (packages/blobs/src/store/folder-store.ts). */
const BLOB_FILE = /^[0-9a-f]{2}.[0-9a-f]{64}$/

export const phone = { width: 360, height: 740 }
export const desk = { width: 1280, height: 800 }

export interface FieldOptions {
  /** Folder of the app. Default: built from its sources, if that was not done yet. */
  app?: string
}

export class Field implements AsyncDisposable {
  #folder = mkdtempSync(join(tmpdir(), 'skerry-field-'))
  /** Its folder, as soon as it is built. */
  #app = ''
  #hub: Hub | undefined
  #port = 0
  readonly #browsers: Chromium[] = []
  #together: Promise<Chromium> | undefined

  private constructor() {}

  static async start({ app }: FieldOptions = {}): Promise<Field> {
    const field = new Field()
    await field.hubUp(app ?? (await buildApp()))
    return field
  }

  /** For all tests of a group: there before the first of them, and gone after the last. */
  static forTests(): Field {
    const field = new Field()
    beforeAll(async () => field.hubUp(await buildApp()), READY_MS_MAX)
    afterAll(() => field[Symbol.asyncDispose]())
    return field
  }

  get hub(): Hub {
    if (!this.#hub) throw new Error('the hub is down')
    return this.#hub
  }

  /** Also while the hub is down. */
  get url(): string {
    return `http://localhost:${this.#port}`
  }

  get orders() {
    return this.hub.replica.collection('work_orders')
  }

  /** At the port it had before, so that the app finds it again. */
  async hubUp(app = this.#app): Promise<void> {
    this.#app = app
    this.#hub = await startHub(
      { space: SPACE, collections, rules: [doneNeedsHours] },
      {
        port: this.#port,
        host: 'localhost',
        store: join(this.#folder, 'hub.db'),
        adminToken: ADMIN_TOKEN,
        logLevel: 'error',
        drainMs: 0,
        app,
      },
    )
    this.#port = Number(new URL(this.#hub.url).port)
  }

  async hubDown(): Promise<void> {
    await this.#hub?.close()
    this.#hub = undefined
  }

  /** Another one at the same port, with a store and an authority of its own. */
  async hubAnew(): Promise<void> {
    await this.hubDown()
    rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = mkdtempSync(join(tmpdir(), 'skerry-field-'))
    await this.hubUp()
  }

  async create(order: Partial<WorkOrder> & Pick<WorkOrder, 'title'>): Promise<string> {
    const value = newWorkOrder({ site: 'Mahlon Sweet', state: 'OR', ...order })
    const created = await this.orders.create(value as unknown as JsonObject)
    return created.id
  }

  async code(subject: string, states: readonly string[], more: object = {}): Promise<string> {
    const channels = states.map((state) => `state:${state}`)
    const made = await this.admin('/enrolments', { subject, read: channels, write: channels, ...more })
    return (made as { code: string }).code
  }

  async admin(path: string, body: object): Promise<unknown> {
    return (await this.#asked('POST', path, JSON.stringify(body))).json()
  }

  /** That are whole. */
  photosHeld(): number {
    const folder = join(this.#folder, 'hub.db.blobs')
    if (!existsSync(folder)) return 0
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => BLOB_FILE.test(name))
      .length
  }

  /** As an operator does. @param path `/devices/KEY` or `/credentials/HASH` */
  async revoke(path: string): Promise<void> {
    await this.#asked('DELETE', path)
  }

  async #asked(method: string, path: string, body?: string): Promise<Response> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` },
      ...(body !== undefined && { body }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }

  /** @param profile of a browser that is closed and opened again */
  async browser(profile?: string): Promise<Chromium> {
    const args = ['--hide-scrollbars']
    const browser = await chromium({ args, ...(profile !== undefined && { profile }) })
    this.#browsers.push(browser)
    return browser
  }

  /** In one Chromium, which the first of them starts. */
  async someone(options?: BrowserContextOptions): Promise<BrowserContext> {
    this.#together ??= this.browser()
    return someone(await this.#together, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const browser of this.#browsers) await browser.close()
    await this.hubDown()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** A person's browser beside others in one Chromium: storage and workers of its own. */
export async function someone(
  browser: Chromium,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const whole = browser.context.browser()
  if (!whole) throw new Error('this Chromium has no browser to make contexts in')
  const context = await whole.newContext({ viewport: phone, locale: 'en-GB', timezoneId: 'UTC', ...options })
  context.setDefaultTimeout(STEP_MS_MAX)
  return context
}

/** Opens the app signed in by a link; resolves when the list is there. */
export async function signIn(
  context: BrowserContext,
  field: Pick<Field, 'url'>,
  code: string,
): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${field.url}/#enrol=${code}`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Today' }).waitFor()
  return page
}

export function notesOf(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Notes' })
}

export async function showOrder(page: Page, { url }: Pick<Field, 'url'>, id: string): Promise<void> {
  await page.goto(`${url}/#/order/${id}`)
  await notesOf(page).waitFor()
}

/** Resolves when the hub has the order so. */
export async function reachesHub(
  { orders }: Pick<Field, 'orders'>,
  id: string,
  order: Partial<WorkOrder>,
): Promise<void> {
  await expect.poll(() => orders.get(id), { timeout: STEP_MS_MAX }).toMatchObject(order)
}

/** By the switch in settings. What the app says when it is on the network again, is the test's to know. */
export async function stayOff(page: Page, { url }: Pick<Field, 'url'>, isOff: boolean): Promise<void> {
  await page.goto(`${url}/#/settings`)
  await page.getByRole('switch', { name: 'Stay off the network' }).setChecked(isOff)
  if (isOff) await page.getByRole('button', { name: /Offline/ }).waitFor()
}

/** Written in an order without a network, then `meanwhile`, then back on the network. */
export async function writesAway(
  page: Page,
  field: Pick<Field, 'url'>,
  { id, notes, meanwhile }: { id: string; notes: string; meanwhile(): Promise<unknown> },
): Promise<void> {
  await showOrder(page, field, id)
  await stayOff(page, field, true)
  await showOrder(page, field, id)
  await notesOf(page).fill(notes)
  await page.getByRole('button', { name: /1 change waiting/ }).waitFor()
  await meanwhile()
  await stayOff(page, field, false)
}

/** How many there are on this device, small pictures among them. */
export function photosOf(page: Page): Promise<number> {
  return page.evaluate(blobsHeld, photosNameOf(FIRST_REPLICA))
}

/** In the page. */
async function blobsHeld(name: string): Promise<number> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open(name)
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const count = database.transaction('blobs').objectStore('blobs').count()
  const held = await new Promise<number>((resolve) => {
    count.onsuccess = () => resolve(count.result)
  })
  database.close()
  return held
}

/** Uncaught errors and errors of the console from now on. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.stack ?? error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  return problems
}
