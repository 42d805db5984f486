import { expect, it } from 'vitest'
import { FakeDial } from '../test/fake-dial.ts'
import { ManualHost } from '../test/hosts.ts'
import { join } from './join.ts'
import { LinkError } from './link-error.ts'

it('D4: what `through` makes of the dialler dials in its place, at every attempt', () => {
  const host = new ManualHost(1)
  const below = new FakeDial()
  const asked: string[] = []
  const link = join({ session: { host } } as never, 'ws://hub/sync', below.dial, {
    through: (dial) => {
      expect(dial).toBe(below.dial)
      return (url, _opened, failed) => {
        asked.push(url)
        failed(new LinkError('network-unreachable', 'not today'))
        return { abort: () => undefined }
      }
    },
  })
  expect(link.state).toMatchObject({ phase: 'waiting', lastError: { code: 'network-unreachable' } })
  host.advance(link.state.retryAt! - host.now())
  expect(asked).toEqual(['ws://hub/sync', 'ws://hub/sync'])
  expect(below.attempts).toBe(0)
})
