/** One simulated machine: a disk and a clock that last, what it is granted, and the process that runs at present. */
import type { StoreError } from '@skerry/core'
import { WallClock } from '../machine/clock.ts'
import { Disk, type DiskFaults, healthy } from '../machine/disk.ts'
import { type Grant, issue } from './credentials.ts'
import { Process } from './process.ts'
import type { Copied, NodeFace, NodePlan, Surroundings } from './surroundings.ts'

/** A process that could not open its disk is started again after this. */
const RESTART_MS = 1_000

export class SimulatedNode implements NodeFace {
  readonly plan: NodePlan
  readonly around: Surroundings
  readonly clock: WallClock
  disk = new Disk()
  diskFaults: DiskFaults = { ...healthy }
  readonly copied: Copied | undefined
  /** All it was ever granted, oldest first. */
  readonly grants: Grant[]
  /** Undefined while it is down. */
  process: Process | undefined
  /** Opens so far. */
  runs = 0

  constructor(plan: NodePlan, around: Surroundings, copied?: Copied) {
    this.plan = plan
    this.around = around
    this.clock = new WallClock(around.scheduler, plan.skewMs)
    this.grants = copied ? [...copied.from.grants] : [plan.grant]
    this.copied = copied
    if (copied) this.disk = copied.from.disk.copy()
  }

  get name(): string {
    return this.plan.name
  }

  get isHub(): boolean {
    return this.plan.kind === 'hub' || this.plan.kind === 'relay'
  }

  get grant(): Grant {
    return this.grants.at(-1)!
  }

  /** The process, once its replica is open. */
  get running(): Process | undefined {
    return this.process?.replica && this.process
  }

  async start(): Promise<void> {
    this.runs += 1
    const process = new Process(this)
    this.process = process
    try {
      await process.open()
      if (!process.replica.credential || this.disk.grantShown < this.grants.length - 1)
        await this.#enrol(process)
      await process.begin()
    } catch (error) {
      this.#failed(error as StoreError)
    }
  }

  /** The operator hands out another credential; it takes effect in open sessions. */
  async regrant(grant: Grant): Promise<void> {
    this.grants.push(grant)
    if (this.running)
      await this.#enrol(this.running).catch((error) => this.#told('could not keep its grant', error))
  }

  /** Tries again what a fault may have prevented. */
  async enrolAgain(): Promise<void> {
    if (this.running) await this.#enrol(this.running)
  }

  /** The process is gone at this very moment. The disk keeps what was committed, and perhaps what was being committed. */
  async crash(): Promise<void> {
    const { process } = this
    this.process = undefined
    if (!process) return
    process.life.end()
    await process.store.tear()
    process.disk.memory.crash()
  }

  /** The disk is replaced by an older copy of itself. */
  async restore(backup: Disk): Promise<void> {
    await this.crash()
    const epoch = this.disk.streamEpoch + 1
    this.disk = backup.copy()
    this.disk.streamEpoch = epoch
  }

  async #enrol(process: Process): Promise<void> {
    const index = this.grants.length - 1
    const token = issue(process.replica.publicKey, this.name, this.grant, index)
    await process.replica.setCredential(token)
    process.disk.grantShown = Math.max(process.disk.grantShown, index)
    for (const link of process.links.values()) link.renew(token)
  }

  #failed(error: unknown): void {
    this.#told('could not start', error)
    const { process } = this
    void this.crash()
    this.around.scheduler.after(RESTART_MS, () => {
      if (!this.process && process) void this.start()
    })
  }

  #told(what: string, error: unknown): void {
    this.around.tell(`${this.name} ${what}: ${error}`)
  }
}
