/** Ceilings of a trial, each with its unit and reason. */

/**
 * Milliseconds of one core that a trial may take. Loading a record of a million honest operations, saving and loading it again takes some 2 s; the thread that waits does about half of a
 * trial's work itself afterwards. Counted in the thread's own time, so that a machine that is busy makes nobody guilty.
 */
export const TRIAL_CPU_MS_MAX = 5_000
/** Milliseconds by the clock, where the thread's own time is not told. */
export const TRIAL_WALL_MS_MAX = 120_000
/** Bytes of the engine of a trial: a million honest operations take 200 MB, 50,000 hostile ones 35 MB. */
export const TRIAL_ENGINE_BYTES_MAX = 512 * 1024 * 1024
/** MiB of the thread's JavaScript heap: a record's value, read once. */
export const TRIAL_HEAP_MIB_MAX = 256
/** Milliseconds between looks at the time a trial has taken: ending it takes some 10 ms more. */
export const TRIAL_WATCH_MS = 50
/** Milliseconds that a thread waits for more to try: an engine keeps the memory that it needed once. */
export const TRIAL_IDLE_MS = 10_000
/** Trials that wait for a thread. Each session waits for one at a time. */
export const TRIALS_WAITING_MAX = 1_000
/** Bytes of all tasks that wait: a few of the largest records. */
export const TRIALS_WAITING_BYTES_MAX = 256 * 1024 * 1024
