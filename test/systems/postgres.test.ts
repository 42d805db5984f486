/** The harness itself: what it starts is private, works, and is gone afterwards, also when nobody could end it. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { demoDump, lackOf, startPostgres } from '@skerry/systems'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

/** Milliseconds for a server to be gone on a machine that others use. */
const GONE_MS_MAX = 30_000

describe.skipIf(lackOf('postgres') !== undefined)('PostgreSQL, started for a test', () => {
  async function opened(options?: Parameters<typeof startPostgres>[0]) {
    const postgres = await startPostgres(options)
    onTestFinished(() => postgres.close())
    return postgres
  }

  test('has databases, copies of them, and what is asked of it', async () => {
    const postgres = await opened({ settings: { work_mem: '5MB' } })
    await postgres.createDatabase('first')
    expect(
      await postgres.query(
        'first',
        "CREATE TABLE t (n int, s text); INSERT INTO t VALUES (1, 'a b'), (2, NULL);",
      ),
    ).toEqual([])
    await postgres.createDatabase('second', 'first')
    await postgres.query('second', 'DELETE FROM t WHERE n = 1')
    expect(await postgres.query('first', 'SELECT n, s FROM t ORDER BY n')).toEqual([
      ['1', 'a b'],
      ['2', ''],
    ])
    expect(await postgres.query('second', 'SELECT count(*) FROM t')).toEqual([['1']])
    expect(await postgres.query('first', 'SHOW work_mem; SHOW fsync; SHOW unix_socket_directories;')).toEqual(
      [['5MB'], ['off'], ['']],
    )
    await postgres.dropDatabase('second')
    await expect(postgres.query('second', 'SELECT 1')).rejects.toThrow(/"second" does not exist/)
    await expect(postgres.query('first', 'SELECT * FROM nothing')).rejects.toThrow(/"nothing" does not exist/)
  })

  test('is kept in a file, and made of it again', async () => {
    const postgres = await opened()
    const folder = mkdtempSync(join(tmpdir(), 'skerry-dump-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await postgres.createDatabase('first')
    await postgres.query('first', 'CREATE TABLE t AS SELECT generate_series(1, 100) AS n')
    await postgres.dump('first', join(folder, 'dump'))
    await postgres.createDatabase('second')
    await postgres.restore('second', join(folder, 'dump'))
    expect(await postgres.query('second', 'SELECT sum(n) FROM t')).toEqual([['5050']])
  })

  test('does not run as root, and two of them do not meet', async () => {
    const [one, other] = await Promise.all([opened(), opened()])
    expect(one.port).not.toBe(other.port)
    const [[folder = ''] = []] = await one.query('postgres', 'SHOW data_directory')
    const [[pid = ''] = []] = await one.query('postgres', 'SELECT pg_backend_pid()')
    expect(pid).toMatch(/^\d+$/)
    const master = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]
    const uid = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${master}/status`, 'utf8'))?.[1]
    expect(uid).not.toBe('0')
  })

  test('is gone with its folder when it was closed', async () => {
    const postgres = await startPostgres()
    const [[data = ''] = []] = await postgres.query('postgres', 'SHOW data_directory')
    expect(existsSync(data)).toBe(true)
    await postgres.close()
    expect(existsSync(join(data, '..'))).toBe(false)
    await expect(connected(postgres.port)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('that is not to start any more leaves nothing, and neither does the demo database in the making', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'skerry-over-'))
    chmodSync(folder, 0o711)
    onTestFinished(() => rmSync(folder, { recursive: true }))
    vi.stubEnv('TMPDIR', folder)
    onTestFinished(() => void vi.unstubAllEnvs())
    const over = new AbortController()
    const starting = startPostgres({ signal: over.signal })
    await vi.waitUntil(() => readdirSync(folder).length > 0, { interval: 5 })
    over.abort(new Error('enough'))
    await expect(starting).rejects.toThrow('enough')
    expect(readdirSync(folder)).toEqual([])
    if (lackOf('tryton') !== undefined) return

    const cache = join(folder, 'cache')
    const seenEnough = new AbortController()
    const making = demoDump({ cache, told: () => undefined, signal: seenEnough.signal })
    const isUpdating = () => readdirSync(folder).some((name) => name.startsWith('skerry-tryton-admin-'))
    await vi.waitUntil(isUpdating, { timeout: GONE_MS_MAX })
    seenEnough.abort(new Error('enough'))
    await expect(making).rejects.toThrow('enough')
    expect([readdirSync(folder), readdirSync(cache)]).toEqual([['cache'], []])
  })

  test('is gone with its folder when whoever started it was killed', async () => {
    const script = [
      "import { startPostgres } from '@skerry/systems'",
      'const postgres = await startPostgres()',
      "const [[data]] = await postgres.query('postgres', 'SHOW data_directory')",
      'console.log(JSON.stringify({ port: postgres.port, data }))',
    ].join('\n')
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: child.stdout }).once('line', resolve),
    )
    const { port, data } = JSON.parse(line) as { port: number; data: string }
    await connected(port)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(existsSync(join(data, '..'))).toBe(false), { timeout: GONE_MS_MAX })
    await expect(connected(port)).rejects.toThrow(/ECONNREFUSED/)
    expect(readdirSync(tmpdir())).not.toContain(join(data, '..').split('/').at(-1))
  })
})

function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
}
