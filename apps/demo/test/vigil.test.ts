import { expect, onTestFinished, test } from 'vitest'
import { Cast } from '../src/cast.ts'
import { keepVigil } from '../src/vigil.ts'

const waits = 'process.stdin.resume(); console.log("ready")'

async function castOf(programs: Record<string, string>) {
  const cast = new Cast()
  onTestFinished(() => cast.kill())
  const children = Object.entries(programs).map(([name, program]) =>
    cast.start({ name, args: ['--eval', program] }),
  )
  await Promise.all(children.map((child) => child.line((line) => (line === 'ready' ? true : undefined))))
  const lines: string[] = []
  const endVigil = keepVigil(cast, (line) => lines.push(line))
  return { cast, children, lines, endVigil }
}

test('who is killed is named with the signal, and the others go on', async () => {
  const { cast, children, lines } = await castOf({ hub: waits, ana: waits })
  children[0]!.kill('SIGKILL')
  await children[0]!.ended
  expect(lines).toEqual([
    'hub is gone (signal SIGKILL); the others go on without it. Ctrl-C ends them, npm start begins again.',
  ])
  expect(cast.running.map(({ name }) => name)).toEqual(['ana'])
  await cast.end()
  expect(cast.running).toEqual([])
})

test('who ends by itself is named with its exit code', async () => {
  const { children, lines } = await castOf({
    adapter: `${waits}; process.stdin.on('data', () => process.exit(6))`,
  })
  children[0]!.send('end')
  await children[0]!.ended
  expect(lines).toEqual([expect.stringContaining('adapter is gone (exit code 6)')])
})

test('the end of the story is no news', async () => {
  const { cast, lines, endVigil } = await castOf({ hub: waits, ana: waits })
  endVigil()
  await cast.end()
  expect(lines).toEqual([])
})
