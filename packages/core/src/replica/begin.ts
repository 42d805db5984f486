/** How an opened replica begins: with what was left undone, and with the engine or before it (SPEC.md, Before the engine runs). */
import { areViewsOld, refreshViews } from './refresh-views.ts'
import type { ReplicaCore } from './replica-core.ts'
import { isSigningAgain, signAgain } from './sign-again.ts'
import { takeUpIntents } from './take-up-intents.ts'
import { finishWipe, isWiping } from './wipe.ts'

/** @param engine absent: it runs. @throws StoreError; what `engine` rejects with, where documents must be loaded first (CE-8) */
export async function begin(core: ReplicaCore, engine: Promise<void> | undefined): Promise<void> {
  if (engine && !(await mustLoad(core))) {
    await refreshViews(core)
    void later(core, engine)
    return
  }
  await engine
  await warm(core)
  await signAgain(core)
  await finishWipe(core)
  await refreshViews(core)
}

async function mustLoad(core: ReplicaCore): Promise<boolean> {
  return (await isSigningAgain(core)) || (await isWiping(core)) || (await areViewsOld(core))
}

async function later(core: ReplicaCore, engine: Promise<void>): Promise<void> {
  try {
    await engine
    await warm(core)
  } catch (error) {
    core.writer.fail(error)
    core.events({
      level: 'error',
      code: 'engine-failed',
      message: `the engine does not run, and nothing is synced: ${error}`,
    })
  }
}

async function warm(core: ReplicaCore): Promise<void> {
  await core.intents.end()
  await takeUpIntents(core)
  core.writer.open()
}
