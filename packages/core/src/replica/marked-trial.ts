/**
 * The trial where there is no thread to spare for it: in this thread, between two commits. What it cannot survive leaves a mark, by which the next start knows what the replica died of.
 */
import type { ChangeHost } from '../change/ports.ts'
import { runTrial, type Trial, type TrialTask, type TrialVerdict } from '../engine/trial.ts'
import type { TableWrite } from '../store/port.ts'
import { loadingRow } from './record-quarantine.ts'

export interface MarkedTrialOptions {
  host: ChangeHost
  /** Loads that earlier runs began and did not end, by record. */
  attempts: Map<string, number>
  commit(record: string, row: TableWrite): Promise<void>
}

export function markedTrial(options: MarkedTrialOptions): Trial {
  let before: Promise<unknown> = Promise.resolve()
  return {
    // One at a time, so that a mark names the record that is guilty, and no other.
    try(task) {
      const tried = before.then(() => tryMarked(task, options))
      before = tried.catch(() => undefined)
      return tried
    },
  }
}

async function tryMarked(
  task: TrialTask,
  { host, attempts, commit }: MarkedTrialOptions,
): Promise<TrialVerdict> {
  const { record } = task
  await commit(record, loadingRow(record, (attempts.get(record) ?? 0) + 1))
  const verdict = runTrial(task, host)
  attempts.delete(record)
  await commit(record, loadingRow(record, 0))
  return verdict
}
