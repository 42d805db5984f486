/** The conductor's end of the command channel: each command of the other process is a method that returns a promise. */
import { type Child, wordsFor } from './child.ts'
import type { Answered, Commands } from './command-loop.ts'

/** Milliseconds a command may take: the longest waits for a CRM that is asked again after a back-off. */
const COMMAND_MS_MAX = 25_000

export type Remote<Of extends Commands> = {
  [Name in keyof Of]: (...argument: Parameters<Of[Name]>) => Promise<Awaited<ReturnType<Of[Name]>>>
}

/** Resolves when the process takes commands. */
export async function remoteOf<Of extends Commands>(child: Child): Promise<Remote<Of>> {
  const waiting = new Map<number, (answer: Answered) => void>()
  let asked = 0
  await child.line((line) => (line === '{"ready":true}' ? true : undefined))
  child.onLine((line) => {
    if (!line.startsWith('{"id":')) return
    const answer = JSON.parse(line) as Answered
    waiting.get(answer.id)?.(answer)
  })
  const ask = (command: string, argument: unknown): Promise<unknown> => {
    asked += 1
    const id = asked
    const what = `${child.name}: ${command} ${JSON.stringify(argument) ?? ''}`
    child.send(JSON.stringify({ id, command, argument }))
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        waiting.delete(id)
        clearTimeout(timer)
        act()
      }
      const fail = (why: string) => settle(() => reject(new Error(`${what}: ${why}`)))
      const timer = setTimeout(() => fail(`no answer within ${COMMAND_MS_MAX} ms`), COMMAND_MS_MAX)
      waiting.set(id, ({ value, error }) => {
        if (error) fail(`${error.name}: ${error.message}`)
        else settle(() => resolve(value))
      })
      void child.ended.then((ending) => waiting.has(id) && fail(`the process ended (${wordsFor(ending)})`))
    })
  }
  return new Proxy({} as Remote<Of>, {
    get: (_, command) =>
      // A promise looks for `then` on whatever it is resolved with.
      command === 'then' ? undefined : (argument: unknown) => ask(String(command), argument),
  })
}
