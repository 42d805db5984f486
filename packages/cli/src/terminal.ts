/** Where a command's words go. Results to standard output, everything else to standard error; colour only for people who want it. */
export interface Terminal {
  /** A result, one line or several. */
  print(text: string): void
  /** Something beside the result. */
  note(text: string): void
  readonly isTty: boolean
  readonly color: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readStdin(): Promise<string>
}

/** Longest thing read from standard input, bytes: a token is 16 KiB at most. */
const STDIN_BYTES_MAX = 64 * 1024

export function processTerminal(): Terminal {
  const isTty = process.stdout.isTTY === true
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    isTty,
    // https://no-color.org: set and not empty means none.
    color: isTty && !process.env.NO_COLOR,
    env: process.env,
    folder: process.cwd(),
    async readStdin() {
      let text = ''
      for await (const chunk of process.stdin.setEncoding('utf8')) {
        text += chunk as string
        if (text.length > STDIN_BYTES_MAX)
          throw new RangeError(`reading standard input: more than ${STDIN_BYTES_MAX} bytes`)
      }
      return text
    },
  }
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const

export function paint(terminal: Pick<Terminal, 'color'>, style: keyof typeof codes, text: string): string {
  return terminal.color ? `\u001b[${codes[style]}m${text}\u001b[0m` : text
}
