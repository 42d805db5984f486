/**
 * A hub tells each edit to many sessions, and all that it makes for that is garbage at once. V8 lets up to 192 MB of it lie before it looks, and buffers of the system's with it; a
 * bound of a few megabytes costs no time that could be measured. It can only be set when Node starts, so `skerry hub` starts Node once more in its own place: same process, same
 * id, same signals. Whoever sets the option itself is left alone, and so is a system that cannot do it (Windows).
 */

/** Megabytes of one half of V8's young generation. */
export const SEMI_SPACE_MB = 8
const OPTION = '--max-semi-space-size'

type This = Pick<NodeJS.Process, 'argv' | 'execArgv' | 'execPath' | 'env' | 'execve'>

/** Does not return when it starts Node anew. */
export function boundHeap(args: readonly string[], { argv, execArgv, execPath, env, execve }: This): void {
  const isSet = [...execArgv, env.NODE_OPTIONS ?? ''].some((option) => option.includes(OPTION))
  if (args[0] !== 'hub' || isSet || execve === undefined) return
  execve(execPath, [argv[0]!, `${OPTION}=${SEMI_SPACE_MB}`, ...execArgv, ...argv.slice(1)], env)
}
