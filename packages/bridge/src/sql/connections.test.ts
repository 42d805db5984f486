import { expect, test } from 'vitest'
import { Connections, type Session, Undone } from './connections.ts'
import { type Line, SqlFailed } from './line.ts'
import { raw, type Sql } from './statement.ts'

const calm = { signal: new AbortController().signal }

/** A connection that notes what it is told, and answers as the test says. */
class Told implements Line {
  readonly said: string[] = []
  isHeld = true
  #isUp = true
  #fail: (reason: unknown) => void = () => undefined
  readonly answer: (text: string) => 'fine' | 'lost' | 'refused' | 'silence'

  constructor(answer: Told['answer'] = () => 'fine') {
    this.answer = answer
  }

  async run(statement: Sql) {
    const { text } = statement.rendered(() => '?')
    this.said.push(text)
    const how = this.answer(text)
    if (how === 'silence')
      await new Promise((_, reject) => {
        this.#fail = reject
      })
    if (how === 'refused') throw new SqlFailed({ kind: 'rejected', reason: 'no' })
    if (how !== 'fine') {
      this.#isUp = false
      throw new SqlFailed({ kind: 'later', reason: 'broken pipe' }, { lost: true })
    }
    return { rows: [], affected: 1 }
  }

  isUp() {
    return this.#isUp
  }

  end() {
    this.#isUp = false
    this.#fail(new SqlFailed({ kind: 'later', reason: 'ended' }, { lost: true }))
  }

  hold(isHeld: boolean) {
    this.isHeld = isHeld
  }
}

function on(lines: Told[], settings = { connectionsMax: 2, timeoutMs: 5_000 }) {
  const left = [...lines]
  return new Connections(async () => left.shift()!, settings)
}

const write = (session: Session) => session.run(raw('WRITE'))

async function kindOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SqlFailed)
  return (error as SqlFailed).failure.kind
}

test('SQ-01 what is lost before COMMIT is sent was not carried out', async () => {
  for (const at of ['BEGIN', 'WRITE']) {
    const line = new Told((text) => (text === at ? 'lost' : 'fine'))
    expect(await kindOf(on([line]).transaction(calm, write)), at).toBe('later')
    expect(line.said).not.toContain('COMMIT')
  }
})

test('SQ-01 what is lost at COMMIT is unknown, and what is refused at COMMIT is not', async () => {
  const answers = (how: 'lost' | 'refused') => new Told((text) => (text === 'COMMIT' ? how : 'fine'))
  expect(await kindOf(on([answers('lost')]).transaction(calm, write))).toBe('unknown')
  expect(await kindOf(on([answers('refused')]).transaction(calm, write))).toBe('rejected')
})

test('SQ-01 what is refused, or undone on purpose, is rolled back, and the connection goes on', async () => {
  const line = new Told((text) => (text === 'WRITE' ? 'refused' : 'fine'))
  const connections = on([line])
  expect(await kindOf(connections.transaction(calm, write))).toBe('rejected')
  const undone = connections.transaction(calm, async () => {
    throw new Undone('as it was')
  })
  expect(await undone).toBe('as it was')
  expect(line.said).toEqual(['BEGIN', 'WRITE', 'ROLLBACK', 'SELECT 1', 'BEGIN', 'ROLLBACK'])
})

test('SQ-02 a call whose signal ends is unknown, and later only if it was reading', async () => {
  for (const [at, kind] of [
    ['WRITE', 'unknown'],
    ['COMMIT', 'unknown'],
  ] as const) {
    const line = new Told((text) => (text === at ? 'silence' : 'fine'))
    const abort = new AbortController()
    const answer = kindOf(on([line]).transaction({ signal: abort.signal }, write))
    while (!line.said.includes(at)) await Promise.resolve()
    abort.abort()
    expect(await answer, at).toBe(kind)
    expect(line.isUp(), 'its connection').toBe(false)
  }
  const abort = new AbortController()
  const line = new Told(() => 'silence')
  const answer = kindOf(on([line]).use({ signal: abort.signal }, (session) => session.run(raw('READ'))))
  while (line.said.length === 0) await Promise.resolve()
  abort.abort()
  expect(await answer).toBe('later')
  expect(await kindOf(on([new Told()]).transaction({ signal: AbortSignal.abort() }, write))).toBe('later')
})

test('SQ-02 a call that takes too long is given up: later before COMMIT, unknown after', async () => {
  for (const [at, kind] of [
    ['WRITE', 'later'],
    ['COMMIT', 'unknown'],
  ] as const) {
    const line = new Told((text) => (text === at ? 'silence' : 'fine'))
    const connections = on([line], { connectionsMax: 1, timeoutMs: 20 })
    expect(await kindOf(connections.transaction(calm, write)), at).toBe(kind)
  }
})

test('SQ-03 a connection that died in its sleep is replaced before anybody relies on it', async () => {
  let sleeps = false
  const tired = new Told((text) => (sleeps && text === 'SELECT 1' ? 'lost' : 'fine'))
  const fresh = new Told()
  const connections = on([tired, fresh])
  await connections.transaction(calm, write)
  expect(tired.isHeld).toBe(false)
  sleeps = true
  await connections.transaction(calm, write)
  expect(fresh.said).toEqual(['BEGIN', 'WRITE', 'COMMIT'])
})

test('SQ-03 no more connections than allowed, and whoever waits hears its signal', async () => {
  const busy = new Told((text) => (text === 'READ' ? 'silence' : 'fine'))
  const connections = on([busy, new Told()], { connectionsMax: 1, timeoutMs: 5_000 })
  const first = new AbortController()
  const reading = kindOf(connections.use({ signal: first.signal }, (session) => session.run(raw('READ'))))
  const second = new AbortController()
  const waiting = kindOf(connections.transaction({ signal: second.signal }, write))
  const third = connections.transaction(calm, write)
  await Promise.resolve()
  second.abort()
  expect(await waiting).toBe('later')
  first.abort()
  expect(await reading).toBe('later')
  expect((await third).affected).toBe(1)
})

test('SQ-24 guarded work that fails leaves no trace, unless the transaction itself is over', async () => {
  const line = new Told((text) => (text === 'WRITE' ? 'refused' : 'fine'))
  const work = (session: Session) => session.guarded(() => write(session)).catch(() => 'refused')
  expect(await on([line]).transaction(calm, work)).toBe('refused')
  expect(line.said).toEqual(['BEGIN', 'SAVEPOINT skerry', 'WRITE', 'ROLLBACK TO SAVEPOINT skerry', 'COMMIT'])
  const gone = new Told((text) => (text === 'WRITE' ? 'lost' : 'fine'))
  expect(await kindOf(on([gone]).transaction(calm, (session) => session.guarded(() => write(session))))).toBe(
    'later',
  )
  expect(gone.said).toEqual(['BEGIN', 'SAVEPOINT skerry', 'WRITE'])
})
