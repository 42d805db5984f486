/** The story: its chapters in order. It stops where a chapter cannot go on, since the next ones build on it. */
import type { Report } from './report.ts'
import type { Step } from './step.ts'
import { firstSync } from './steps/first-sync.ts'
import { followedEdit } from './steps/followed-edit.ts'
import { killedAdapter } from './steps/killed-adapter.ts'
import { officeEdits } from './steps/office-edits.ts'
import { offlineEdits } from './steps/offline-edits.ts'
import { telemetry } from './steps/telemetry.ts'
import type { World } from './world.ts'

const steps: readonly Step[] = [firstSync, offlineEdits, officeEdits, killedAdapter, telemetry, followedEdit]

export async function playStory(world: World, report: Report, told: (title: string) => void): Promise<void> {
  for (const { title, play } of steps) {
    told(title)
    report.begin(title)
    try {
      await play(world, report)
    } catch (error) {
      report.failed(error)
      return
    }
  }
}
