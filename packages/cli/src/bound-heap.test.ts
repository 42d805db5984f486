import { expect, it, vi } from 'vitest'
import { boundHeap, SEMI_SPACE_MB } from './bound-heap.ts'

const option = `--max-semi-space-size=${SEMI_SPACE_MB}`

function started(args: string[], { execArgv = [] as string[], env = {} } = {}) {
  const execve = vi.fn<NonNullable<NodeJS.Process['execve']>>()
  const argv = ['/usr/bin/node', '/opt/skerry/main.ts', ...args]
  boundHeap(args, { argv, execArgv, execPath: '/usr/bin/node', env, execve } as Parameters<
    typeof boundHeap
  >[1])
  return execve.mock.calls
}

it('starts Node again in its place for a hub, with its own options and arguments', () => {
  const env = { NODE_OPTIONS: '--enable-source-maps' }
  expect(started(['hub', '--port', '0'], { execArgv: ['--inspect'], env })).toEqual([
    [
      '/usr/bin/node',
      ['/usr/bin/node', option, '--inspect', '/opt/skerry/main.ts', 'hub', '--port', '0'],
      env,
    ],
  ])
})

it('does not for other commands, nor where somebody has chosen', () => {
  expect(started(['inspect', 'hub.db'])).toEqual([])
  expect(started(['hub'], { execArgv: [option] })).toEqual([])
  expect(started(['hub'], { execArgv: ['--max-semi-space-size=64'] })).toEqual([])
  expect(started(['hub'], { env: { NODE_OPTIONS: '--max-semi-space-size=32' } })).toEqual([])
})

it('does nothing where a process cannot be replaced', () => {
  const here = { argv: ['node', 'main.ts', 'hub'], execArgv: [], execPath: 'node', env: {} }
  expect(() => boundHeap(['hub'], here as unknown as Parameters<typeof boundHeap>[1])).not.toThrow()
})
