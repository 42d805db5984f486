/** A CPU profile of a section of a process's work: Chrome's and every other viewer's `.cpuprofile`. */
import { writeFile } from 'node:fs/promises'
import { Session } from 'node:inspector/promises'

/** Microseconds between samples: finer ones slow down what is measured, coarser ones miss what is short. */
const SAMPLE_US = 250

let session: Session | undefined

export async function startProfile(): Promise<void> {
  session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US })
  await session.post('Profiler.start')
}

export async function stopProfile(file: string): Promise<void> {
  if (!session) throw new Error(`writing ${file}: no profile was started`)
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  session = undefined
  await writeFile(file, JSON.stringify(profile))
}
