/** How much of everything a measurement makes, and how long it may take. */

export interface Effort {
  /** Runs of what is short; the figure is the median. */
  runs: number
  /** Records changed while a device is away. */
  changed: number
  /** Live edits; 0 for none. */
  liveEdits: number
  /** Live edits before those, which are not counted. */
  warmUpEdits: number
  /** Milliseconds for a first sync, and for anything else that is awaited. */
  limitMs: number
  /** Milliseconds for all of it; what was found until then is kept. */
  stepMs: number
  /** Milliseconds without a byte after which an exchange is over. */
  quietMs: number
}
