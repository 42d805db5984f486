/** One of those that are measured, as the parent knows it: where its two processes are, and what a reader must know to judge its figures. */

export interface Contender {
  /** For `--only`. */
  name: string
  title: string
  /** Of its two processes, from the folder of the benchmark (test/bench/src). */
  server: string
  device: string
  /** Packages whose versions the report names; empty for what the workspace has anyway. */
  packages: readonly string[]
  /** Whether it says when it is in step after a reconnect. For one that does not, the time is that until its last byte. */
  saysInStep: boolean
  setUp: string
  durability: string
}
