/** Conducts the story: starts everybody, plays the chapters, prints what was seen, and ends everybody again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtApp, prepareApp } from './app.ts'
import { Cast } from './cast.ts'
import { passTime } from './pastime.ts'
import { CRM_PORT, freeOr0, HUB_PORT } from './ports.ts'
import { Report, type Row } from './report.ts'
import { playStory } from './story.ts'
import type { Style } from './style.ts'
import { table } from './table.ts'
import { keepVigil } from './vigil.ts'
import { type Erp, startWorld, type World } from './world.ts'

/** Lines of each process's log that a failure prints. */
const TAIL_LINES = 12

export interface Conducting {
  erp: Erp
  /** Plays the story and ends; otherwise goes on until `stop`. */
  once: boolean
  /** Resolves when a person has seen enough. */
  stop: Promise<unknown>
  print(line: string): void
  style: Style
}

/** Resolves with whether every claim held. Nothing is left behind: no process, no file. */
export async function conduct(conducting: Conducting): Promise<boolean> {
  const { once, stop } = conducting
  const folder = mkdtempSync(join(tmpdir(), 'skerry-demo-'))
  const cast = new Cast()
  process.once('exit', () => cast.kill())
  let isOver = false
  const print = (line: string) => {
    if (!isOver) conducting.print(line)
  }
  try {
    const stopped = stop.then(() => {
      print(conducting.style.dim('\nending: every process closes its store'))
      // Who has seen enough has seen nothing fail; but a story that is to be played once was not played.
      return !once
    })
    return await Promise.race([play(cast, folder, { ...conducting, print }), stopped])
  } finally {
    isOver = true
    await cast.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function play(cast: Cast, folder: string, conducting: Conducting): Promise<boolean> {
  const { erp, once, print, style } = conducting
  const start = performance.now()
  const report = new Report((row) => print(progress(row, style)))
  try {
    const told = (line: string) => print(style.dim(line))
    const ports = once ? { hubPort: 0, crmPort: 0 } : await portsForPeople(print, erp)
    const app = once ? undefined : await builtApp(told)
    const world = await startWorld(cast, folder, { erp, told, app, ...ports })
    const { crm } = world
    told(`hub ${world.hub.url} · ${crm.name} ${crm.url} · ${cast.running.length} processes`)
    await playStory(world, report, (title) => print(`\n${style.bold(title)}`))
    print(`\n${table(report.rows, style)}`)
    print(verdict(report, performance.now() - start, style))
    if (!report.held) printTails(cast, print, style)
    if (!once && report.held) await stay(world, conducting)
  } catch (error) {
    print(style.red(String(error)))
    printTails(cast, print, style)
    return false
  }
  return report.held
}

function progress({ claim, expected, seen, held, ms }: Row, style: Style): string {
  const time = style.dim(`${Math.round(ms)} ms`)
  if (held) return `  ${style.green('ok')}  ${claim}: ${seen} ${time}`
  return `  ${style.red('NO')}  ${claim} ${time}\n        expected ${expected}\n        seen     ${seen}`
}

function verdict({ rows, held }: Report, ms: number, style: Style): string {
  const seconds = (ms / 1_000).toFixed(1)
  const failed = rows.filter((row) => !row.held).length
  if (held) return style.green(`${rows.length} of ${rows.length} held, in ${seconds} s`)
  return style.red(`${failed} of ${rows.length} did not hold, in ${seconds} s`)
}

function printTails(cast: Cast, print: (line: string) => void, style: Style): void {
  for (const { name, lines } of cast.all) {
    print(style.bold(`\n${name}, its last lines`))
    for (const line of lines.slice(-TAIL_LINES)) print(style.dim(`  ${line.slice(0, 400)}`))
  }
}

async function portsForPeople(print: (line: string) => void, erp: Erp) {
  const hubPort = await freeOr0(HUB_PORT)
  const crmPort = erp === 'sandbox' ? await freeOr0(CRM_PORT) : 0
  if (hubPort === 0) print(`port ${HUB_PORT} is taken; the hub takes another one`)
  if (crmPort === 0 && erp === 'sandbox') print(`port ${CRM_PORT} is taken; the CRM takes another one`)
  return { hubPort, crmPort }
}

async function stay(world: World, { stop, print, style }: Conducting): Promise<void> {
  print('\nIt goes on: ana and ben edit now and then. Ctrl-C ends it.')
  print(
    'Open each link of the app in a browser window of its own (one of them private, or of another profile):',
  )
  for (const { name, link } of await prepareApp(world))
    print(`  the app, as ${name.padEnd(4)}${style.bold(link)}`)
  print(`  the CRM         ${style.bold(world.crm.page)}`)
  print(
    `  the hub         ${style.bold(world.hub.url)}  (/metrics, /api/v1; admin token in ${world.hub.adminTokenFile})\n`,
  )
  const endVigil = keepVigil(world.cast, (line) => print(style.red(line)))
  const endPastime = passTime(world, (line) => print(style.dim(line)))
  await stop
  endVigil()
  await endPastime()
}
