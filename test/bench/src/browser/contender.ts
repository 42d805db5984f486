/** One of those that are measured, as the parent knows it: where its page and its server are, and what a reader must know to judge its figures. */

export interface BrowserContender {
  /** For `--only`. */
  name: string
  title: string
  /** Its server's process and its page's entry, from the folder of the benchmark (test/bench/src). */
  server: string
  page: string
  /** Packages whose versions are told; empty for what the workspace has. */
  packages: readonly string[]
  /** So many records in everything but the first sync, where it does not get through that with all. */
  fewerRecords?: number
  /** Goal: Skerry is so many times as fast as it. */
  timesAtLeast: number
}
