/** The machine of a run, in what bears on its figures. No name and no path of it. */
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os'

export function describeMachine(): string {
  const [cpu] = cpus()
  const model = cpu?.model.trim() || 'unknown CPU'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${model}, ${cpus().length} cores, ${memory} of memory; ${type()} ${release()} ${arch()}; Node ${process.version}`
}

/** Processes that want a core, over the last minute: what else goes on decides about every figure. */
export function busyness(): number {
  return loadavg()[0]!
}
