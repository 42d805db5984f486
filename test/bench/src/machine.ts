/** What a machine is, as far as figures depend on it: nothing that names it. */
import { cpus, loadavg, release, totalmem, type } from 'node:os'

export function describeMachine(): string {
  const [cpu] = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory}, Node ${process.version}, ${type()} ${release()} ${process.arch}`
}

/** Processes that wanted a core, on the average of the last minute; 0 on Windows, which does not count them. */
export function load(): number {
  return loadavg()[0]!
}
