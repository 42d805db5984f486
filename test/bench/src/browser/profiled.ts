/** CPU profiles of Skerry's page and of its worker, of a first sync, of edits here and elsewhere: from a run of its own, with names that can be read, and in no figure. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrowserPage, built } from '@skerry/browser-test'
import { costsOf, profileFile } from '../profiles.ts'
import { Stand, type StandOptions } from './stand.ts'

/** Microseconds between samples. */
const SAMPLE_US = 200

type CDPSession = Awaited<ReturnType<BrowserPage['devtools']>>

/** Sends to a target; the answer is what it answers. */
type Send = (method: string, params?: object) => Promise<Record<string, unknown>>

export async function profiled(
  options: Omit<StandOptions, 'pages'>,
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const { contender, effort } = options
  const { records, limitMs } = effort
  await mkdir(folder, { recursive: true })
  const entry = join(import.meta.dirname, '..', contender.page)
  await using pages = await built({ entries: { [contender.name]: entry } })
  const stand = await Stand.start({ ...options, pages: pages.folder })
  try {
    await stand.newProfile()
    const page = await stand.page()
    const admission = await stand.admit(await page.call('publicKey'))
    const section = async (name: string, run: () => Promise<unknown>) => {
      await recorded(stand, page, join(folder, name), run)
      say(await costsOf(folder, name.split('/').at(-1)!))
    }
    await section('first-sync', () => page.call('firstSync', admission, records, limitMs))
    await page.call('edits', { records, rounds: effort.warmUpEdits, mark: effort.edits * 2 }, true)
    await section('edits', () => page.call('edits', { records, rounds: effort.edits, mark: 0 }, true))
    await section('edits-there', () =>
      page.call('editsThere', { records, rounds: effort.edits, mark: effort.edits }),
    )
  } finally {
    await stand.end()
  }
}

async function recorded(
  stand: Stand,
  page: BrowserPage,
  path: string,
  run: () => Promise<unknown>,
): Promise<void> {
  const targets = new Map<string, Send>()
  const devtools = await page.devtools()
  targets.set('page', (method, params) => devtools.send(method as never, params as never))
  const browser = await stand.browser.context.browser()!.newBrowserCDPSession()
  const worker = await workerOf(browser)
  if (worker) targets.set('worker', worker)
  for (const send of targets.values()) {
    await send('Profiler.enable')
    await send('Profiler.setSamplingInterval', { interval: SAMPLE_US })
    await send('Profiler.start')
  }
  await run()
  let number = 0
  for (const [process, send] of targets) {
    const { profile } = await send('Profiler.stop')
    number += 1
    const file = profileFile({ section: path, number, process })
    await writeFile(file, JSON.stringify(profile))
  }
  await browser.detach()
  await devtools.detach()
}

/** The only SharedWorker. Its session is one of messages in messages: playwright knows no such target. */
async function workerOf(browser: CDPSession): Promise<Send | undefined> {
  const { targetInfos } = await browser.send('Target.getTargets')
  const target = targetInfos.find(({ type }) => type === 'shared_worker')
  if (!target) return undefined
  const { sessionId } = await browser.send('Target.attachToTarget', {
    targetId: target.targetId,
    flatten: false,
  })
  const waiting = new Map<number, (told: { result?: Record<string, unknown>; error?: object }) => void>()
  browser.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return
    const told = JSON.parse(event.message) as { id?: number; result?: Record<string, unknown> }
    if (told.id !== undefined) waiting.get(told.id)?.(told)
  })
  let id = 0
  return async (method, params = {}) => {
    id += 1
    const answered = new Promise<{ result?: Record<string, unknown>; error?: object }>((resolve) => {
      waiting.set(id, resolve)
    })
    await browser.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    })
    const { result, error } = await answered
    if (!result) throw new Error(`${method}: ${JSON.stringify(error)}`)
    return result
  }
}
