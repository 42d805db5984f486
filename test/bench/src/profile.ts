/** CPU profiles of measured commands, written where the parent asked for them: Chrome's and every other viewer's `.cpuprofile`. */
import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'
import { basename, join } from 'node:path'

/** Microseconds between samples: fine enough for functions of a microsecond called often, coarse enough to cost little. */
const SAMPLE_US = 200

let written = 0

export async function profiled<T>(name: string, run: () => Promise<T>): Promise<T> {
  const folder = process.env.SKERRY_PROFILES
  if (folder === undefined) return run()
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US })
    await session.post('Profiler.start')
    const value = await run()
    const { profile } = await session.post('Profiler.stop')
    written += 1
    const file = `${basename(process.argv[1]!, '.ts')}-${process.pid}-${written}-${name}.cpuprofile`
    await writeFile(join(folder, file), JSON.stringify(profile))
    return value
  } finally {
    session.disconnect()
  }
}
