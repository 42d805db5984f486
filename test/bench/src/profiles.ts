/** A folder of CPU profiles, one of each process of a section, and what they say. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CpuProfile, inclusiveCosts } from './inclusive-time.ts'

const SHOWN = 20
/** Share below which a function is not told. */
const SHARE_MIN = 0.04
/** What only calls the rest: Node's own turns, and nobody's. */
const FRAME = /^(?:processTicksAndRejections|runMicrotasks|\(anonymous\)|emit) /

export interface ProfileName {
  section: string
  /** Of the process within its section: two may have one name. */
  number: number
  process: string
}

export function profileFile({ section, number, process }: ProfileName): string {
  return `${section}.${number}.${process}.cpuprofile`
}

/** The most expensive functions of each process of a section. Empty when there is no profile of it. */
export async function costsOf(folder: string, section: string): Promise<string> {
  const texts: string[] = []
  for (const file of (await readdir(folder)).sort()) {
    const [of, , process, ending] = file.split('.')
    if (of !== section || ending !== 'cpuprofile') continue
    const { busyMs, costs } = inclusiveCosts(
      JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile,
    )
    const lines = costs
      .filter(({ name, inclusive }) => inclusive >= SHARE_MIN && !FRAME.test(name))
      .slice(0, SHOWN)
      .map(({ name, inclusive, self }) => `  ${percent(inclusive)}  self ${percent(self)}  ${name}`)
    texts.push([`${section}, ${process}: busy for ${busyMs.toFixed(0)} ms`, ...lines].join('\n'))
  }
  return texts.join('\n\n')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1).padStart(5)} %`
}
