/** One chapter of the story. */
import type { Report } from './report.ts'
import type { World } from './world.ts'

export interface Step {
  title: string
  play(world: World, report: Report): Promise<void>
}
