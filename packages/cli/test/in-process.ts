/** The command without a process around it: for what is about words and codes, where starting Node a hundred times would be waiting. */
import { run } from '../src/program.ts'
import { type Done, temporaryFolder } from './skerry.ts'

export async function runHere(args: readonly string[], folder = temporaryFolder()): Promise<Done> {
  const said = { out: '', err: '' }
  const code = await run(args, {
    print: (text) => {
      said.out += `${text}\n`
    },
    note: (text) => {
      said.err += `${text}\n`
    },
    isTty: false,
    color: false,
    env: {},
    folder,
    readStdin: async () => '',
  })
  return { code, ...said }
}
