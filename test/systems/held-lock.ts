/** A session of PostgreSQL that keeps a lock: who needs what it has waits in the middle of a transaction, as behind somebody who went for coffee. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Postgres, postgresTool } from '@skerry/systems'

/** Resolves when the lock is held, with what lets it go. */
export async function holdLock(
  { host, port, user }: Postgres,
  database: string,
  statement: string,
): Promise<() => Promise<void>> {
  const at = ['-h', host, '-p', String(port), '-U', user, '-d', database]
  const psql = spawn(postgresTool('psql')!, [...at, '--no-psqlrc', '-q', '-v', 'ON_ERROR_STOP=1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => psql.once('close', () => resolve()))
  psql.stdin.write(`BEGIN;\n${statement};\n\\echo held\n`)
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: psql.stdout }).on('line', (line) => line === 'held' && resolve())
    void ended.then(() => reject(new Error(`the session that was to hold '${statement}' ended`)))
  })
  return () => {
    psql.stdin.end('ROLLBACK;\n')
    return ended
  }
}

/** Resolves once somebody waits for a lock. */
export async function someoneWaits(postgres: Postgres): Promise<void> {
  const asking = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
  while ((await postgres.query('postgres', asking))[0]?.[0] === '0');
}
