/** What a test tool may be told. Whoever mistypes an option wants to read what there is, and not a stack. */

/** `parseArgs` goes on to say how else such a word could be meant. */
const HINT = /(?:\. To specify a positional argument|\nDid you forget).*/s

/**
 * What `read` makes of the words after the tool's name. `--help` shows the usage and ends the process with 0; words that `read` refuses with a TypeError, as `parseArgs` does, end it
 * with 2, one line and the usage.
 */
export function commandLine<T>(usage: string, read: (words: readonly string[]) => T): T {
  const words = process.argv.slice(2)
  if (words.includes('--help') || words.includes('-h')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return read(words)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message.replace(HINT, '')}\n\n${usage}`)
    process.exit(2)
  }
}

/** @throws TypeError unless the option is a whole number, of `least` or more */
export function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  throw new TypeError(`${option} ${text}: want a whole number, ${least} or more`)
}

/** @throws TypeError unless the option is a number above 0 */
export function positiveNumber(option: string, text: string): number {
  const number = Number(text)
  if (number > 0 && Number.isFinite(number)) return number
  throw new TypeError(`${option} ${text}: want a number above 0`)
}
