/** One contender through all steps: first syncs on new profiles, second starts off the network on the last of them, edits here and edits there with the network back. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserPage } from '@skerry/browser-test'
import { median } from '../statistics.ts'
import type { BrowserContender } from './contender.ts'
import type { BrowserEffort } from './effort.ts'
import { type BrowserOutcome, type Took, troubleOf } from './outcome.ts'
import type { Checked, EditTimes, FirstSync, LongTasks, Rounds, SecondStart } from './page-times.ts'
import { Stand, type StandOptions } from './stand.ts'

/** What Chromium says of an answer like 404, with which CouchDB's protocol asks whether there is a checkpoint. A failure that matters shows in the list. */
const ANSWER = 'Failed to load resource'

/** Milliseconds: a first sync that takes longer is not done again. */
const LONG_MS = 15_000

export interface MeasureOptions extends StandOptions {
  say: (line: string) => void
}

/** Who does not get through the first sync with all records is measured with fewer in the rest: that is in its favour. */
export async function measure(options: MeasureOptions): Promise<BrowserOutcome> {
  const { contender, effort, folder } = options
  const all = await measureAll(options)
  const { fewerRecords } = contender
  if (!all.firstSync?.isOver || fewerRecords === undefined || fewerRecords >= effort.records) return all
  const fewer = { ...effort, records: fewerRecords, firstSyncs: 1 }
  const place = join(folder, 'fewer')
  await mkdir(place)
  const { firstSync, settled, firstTasks, ...rest } = await measureAll({
    ...options,
    folder: place,
    effort: fewer,
  })
  const troubles = [...all.troubles, ...rest.troubles.map((one) => `with ${fewerRecords} records: ${one}`)]
  return { ...all, ...rest, records: all.records, fewer: fewerRecords, troubles }
}

async function measureAll(options: MeasureOptions): Promise<BrowserOutcome> {
  const { contender, effort } = options
  const outcome: BrowserOutcome = { contender: contender.name, records: effort.records, troubles: [] }
  let stand: Stand | undefined
  try {
    stand = await Stand.start(options)
    await new Measuring(stand, options, outcome).run()
    outcome.troubles.push(...(await stand.printed()))
  } catch (error) {
    outcome.troubles.push(error instanceof Error ? error.message : String(error))
  } finally {
    await stand?.end()
  }
  return outcome
}

class Measuring {
  readonly #stand: Stand
  readonly #contender: BrowserContender
  readonly #effort: BrowserEffort
  readonly #outcome: BrowserOutcome
  readonly #say: (line: string) => void

  constructor(stand: Stand, { contender, effort, say }: MeasureOptions, outcome: BrowserOutcome) {
    this.#stand = stand
    this.#contender = contender
    this.#effort = effort
    this.#outcome = outcome
    this.#say = say
  }

  async run(): Promise<void> {
    const page = await this.#firstSyncs()
    if (page === undefined) return
    await this.#secondStarts(page)
    await this.#edits()
  }

  /** Gives the page of the last one; nothing where that has not all records. */
  async #firstSyncs(): Promise<BrowserPage | undefined> {
    const { firstSyncs, limitMs, records } = this.#effort
    const runs: FirstSync[] = []
    for (;;) {
      await this.#stand.newProfile()
      const page = await this.#stand.page()
      const admission = await this.#stand.admit(await page.call<string | undefined>('publicKey'))
      const run = await this.#ask<FirstSync>(page, 'firstSync', admission, records, limitMs)
      runs.push(run)
      this.#said('first sync', run.wholeMs, run.settledMs, run.tasks)
      const { wholeMs, settledMs, shown } = run
      const isWhole = wholeMs !== undefined && settledMs !== undefined
      if (isWhole && runs.length < firstSyncs && settledMs < LONG_MS) continue
      this.#outcome.firstSync = this.#took(runs.map((one) => one.wholeMs))
      this.#outcome.settled = this.#took(runs.map((one) => one.settledMs))
      this.#outcome.firstTasks = worst(runs.map(({ tasks }) => tasks))
      if (isWhole) return page
      this.#trouble(`first sync: ${shown} of ${records} records were shown after ${limitMs / 1e3} s`)
      return undefined
    }
  }

  async #secondStarts(first: BrowserPage): Promise<void> {
    const { records, secondStarts, limitMs } = this.#effort
    await this.#check('after the first sync', first)
    await this.#ask(first, 'stayOffline')
    await this.#stand.closed(first)
    const runs: SecondStart[] = []
    for (let run = 0; run < secondStarts; run++) {
      const page = await this.#stand.page(records)
      const started = await this.#ask<SecondStart>(page, 'secondStart', limitMs)
      runs.push(started)
      this.#said('second start', started.wholeMs, undefined, started.tasks)
      await this.#check('after a second start', page)
      await this.#stand.closed(page)
      if (started.wholeMs === undefined || started.wholeMs > LONG_MS) break
    }
    this.#outcome.secondStart = this.#took(runs.map(({ wholeMs }) => wholeMs))
    this.#outcome.secondTasks = worst(runs.map(({ tasks }) => tasks))
  }

  async #edits(): Promise<void> {
    const { records, edits, warmUpEdits } = this.#effort
    const page = await this.#stand.page(records)
    await this.#ask(page, 'secondStart', this.#effort.limitMs)
    await this.#ask(page, 'connect', await this.#stand.admit(undefined))
    await this.#ask(page, 'settled')
    let mark = 0
    const next = (rounds: number): Rounds => {
      mark += rounds
      return { records, rounds, mark: mark - rounds }
    }
    await this.#ask(page, 'edits', next(warmUpEdits), true)
    const here = await this.#ask<EditTimes>(page, 'edits', next(edits), true)
    const bare = await this.#ask<number[] | undefined>(page, 'bare', edits)
    if (bare) this.#outcome.bare = bare
    const relaxed = await this.#ask<EditTimes>(page, 'edits', next(edits), false)
    this.#outcome.durable = here.durableMs
    this.#outcome.byDefault = relaxed.durableMs
    this.#outcome.shownHere = relaxed.shownMs
    await this.#ask(page, 'editsThere', next(warmUpEdits))
    this.#outcome.shownFromThere = await this.#ask<number[]>(page, 'editsThere', next(edits))
    this.#said('edit', median(here.durableMs), median(this.#outcome.shownFromThere), undefined)
    await this.#check('after the edits', page)
    const problems = page.problems.filter((said) => !said.startsWith(ANSWER))
    if (problems.length > 0) this.#trouble(`the page said ${problems.length} times: ${problems[0]}`)
  }

  async #check(when: string, page: BrowserPage): Promise<void> {
    const checked = await this.#ask<Checked>(page, 'check', this.#effort.records)
    for (const trouble of troubleOf(when, checked)) this.#trouble(trouble)
  }

  async #ask<Result>(page: BrowserPage, name: string, ...args: unknown[]): Promise<Result> {
    try {
      return await this.#stand.ask(page.call<Result>(name, ...args))
    } catch (error) {
      const said = page.problems.length > 0 ? `; the page said: ${page.problems[0]}` : ''
      throw new Error(`${name}: ${(error as Error).message}${said}`, { cause: error })
    }
  }

  #took(times: readonly (number | undefined)[]): Took {
    const reached = times.filter((ms) => ms !== undefined)
    const isOver = reached.length < times.length
    return { ms: isOver ? this.#effort.limitMs : median(reached), isOver }
  }

  #said(what: string, ms: number | undefined, then: number | undefined, tasks: LongTasks | undefined): void {
    const told = [ms, then].map((one) => (one === undefined ? '–' : `${one.toFixed(1)} ms`)).join(', ')
    this.#say(
      `${this.#contender.name}: ${what} ${told}${tasks ? `, longest task ${tasks.longestMs} ms` : ''}`,
    )
  }

  #trouble(sentence: string): void {
    this.#outcome.troubles.push(sentence)
  }
}

function worst(tasks: readonly LongTasks[]): LongTasks {
  return tasks.reduce((one, other) => (other.longestMs > one.longestMs ? other : one))
}
