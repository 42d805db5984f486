/** What `skerry bridge plan` takes; apart, so that a help page loads no bridge. */

/** Lines of each mapping by default: a screen. */
export const PLAN_LINES = 20

export interface PlanFlags {
  store: string
  config?: string
  lines: number
  json?: boolean
}
