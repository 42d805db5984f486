/** The thread that tries records: an engine of its own, whose memory is bounded. It is ended from outside when it takes too long, and ends itself when its engine did. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { initializeWasm } from '@automerge/automerge/slim'
import { runTrial, type TrialStage } from '@skerry/core/trial'
import { nodeHost } from '../host.ts'
import { withMemoryMax } from './bounded-engine.ts'
import { STAGES, type TrialAnswer, type TrialRequest, type TrialSetup, taskOf } from './messages.ts'

const port = parentPort!
const { stage, engineBytesMax } = workerData as TrialSetup
const reached = new Int32Array(stage)
const host = nodeHost()

const engine = readFileSync(fileURLToPath(import.meta.resolve('@automerge/automerge/automerge.wasm')))
await initializeWasm(withMemoryMax(engine, engineBytesMax))

function answer(said: TrialAnswer): void {
  port.postMessage(said)
}

function begins(which: TrialStage): void {
  Atomics.store(reached, 0, STAGES.indexOf(which))
}

port.on('message', (request: TrialRequest) => {
  try {
    answer({ kind: 'verdict', verdict: runTrial(taskOf(request), host, begins) })
  } catch (error) {
    answer({
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
})
answer({ kind: 'ready' })
