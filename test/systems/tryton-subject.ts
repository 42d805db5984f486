/**
 * Tryton as the contract suite wants it: empty, with an adapter on it, somebody else at work, and its faults. Two kinds: opportunities, whose external id (`reference`) Tryton does not keep
 * unique and whose fields are all their own; parties, whose `code` it does, and whose note is the street of their address, so that every rule is tried on a line as well.
 */
import { trytonAdapter } from '@skerry/adapter-tryton'
import type { ContractFaults, ContractSystem, Strikes, TrueRow } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import { type Matches, people } from '@skerry/systems'
import { holdLock, someoneWaits } from './held-lock.ts'
import { reads, writes } from './tryton-calls.ts'
import { DATABASE, type TrytonStand } from './tryton-stand.ts'

type AdapterOptions = Parameters<typeof trytonAdapter>[0]

/** What differs between the two. */
export interface Kind {
  type: string
  models: AdapterOptions['models']
  fields: ContractSystem['fields']
  poison: ContractSystem['poison']
  /** Tables with `create_date` and `write_date` of what a row consists of. */
  tables: readonly string[]
  /** Takes away every row, and whatever a fault left behind. */
  empty(stand: TrytonStand): Promise<void>
  create(stand: TrytonStand, fields: JsonObject): Promise<number>
  edit(stand: TrytonStand, id: number, fields: JsonObject): Promise<void>
  rows(stand: TrytonStand): Promise<TrueRow[]>
  /** Takes `note` from the adapter's user; undone by `empty`. */
  dropNote: { never: string } | ((stand: TrytonStand) => Promise<void>)
  /** Makes a row that waits for a lock, and the lock. */
  late: { lock: string; create(stand: TrytonStand, fields: JsonObject): Promise<number>; sequence: string }
}

const QUOTA_MS = 7_000
/** More than the adapter reads, which is 16 MiB. */
const SWOLLEN_BYTES = 17 * 1024 * 1024
const PAGE = '<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>'

export async function openSubject(stand: TrytonStand, kind: Kind): Promise<ContractSystem> {
  const { proxy } = stand
  await calm(stand, kind)
  const before = proxy.passed.length
  const adapter = () => adapterOn(proxy.url, kind.models)
  return {
    adapter: adapter(),
    again: adapter,
    type: kind.type,
    fields: kind.fields,
    poison: kind.poison,
    lacks: {
      bulk: 'Tryton has no job for many rows beside its calls',
      listen: 'its bus tells people’s messages, and nothing of rows',
      deletions: 'it deletes without a trace',
    },
    create: async (fields) => ({ id: String(await kind.create(stand, fields)) }),
    edit: (id, fields) => kind.edit(stand, Number(id), fields),
    remove: async (id) => void (await stand.office.delete(kind.type, Number(id))),
    rows: () => kind.rows(stand),
    requests: async () => proxy.passed.length - before,
    atOneMoment: (work) => atOneMoment(stand, kind, work),
    faults: faultsOf(stand, kind),
    close: async () => proxy.calm(),
  }
}

export function adapterOn(url: string, models: AdapterOptions['models'], more: Partial<AdapterOptions> = {}) {
  const { login, password } = people.skerry
  return trytonAdapter({ name: 'tryton', url, database: DATABASE, user: login, password, models, ...more })
}

/** As it was when it was new. */
async function calm(stand: TrytonStand, kind: Kind): Promise<void> {
  stand.proxy.calm()
  await kind.empty(stand)
  await stand.setPassword(people.skerry.password)
}

function faultsOf(stand: TrytonStand, kind: Kind): ContractFaults {
  const { proxy } = stand
  const { dropNote } = kind
  const matching = (next: Strikes): Matches => (next === 'read' ? reads(kind.type) : writes(kind.type))
  const html = { 'content-type': 'text/html' }
  let garbled = 0
  return {
    loseAnswer: async () => void proxy.strike(matching('write'), { act: 'lose' }),
    exhaustQuota: async (next) => {
      const headers = { ...html, 'retry-after': String(QUOTA_MS / 1_000) }
      void proxy.strike(matching(next), { act: 'refuse', status: 429, headers, body: 'Too Many Requests' })
      return { retryAfterMs: QUOTA_MS }
    },
    breakServer: async (next) =>
      void proxy.strike(matching(next), { act: 'refuse', status: 500, headers: html, body: PAGE }),
    garbleAnswer: async (next) => {
      garbled += 1
      const page = { act: 'replace', status: 200, headers: html, body: PAGE } as const
      void proxy.strike(matching(next), garbled % 2 === 0 ? page : { act: 'cut' })
    },
    swellAnswer: async (next) =>
      void proxy.strike(matching(next), { act: 'replace', status: 200, body: ' '.repeat(SWOLLEN_BYTES) }),
    hang: async (next) => ({ arrived: proxy.strike(matching(next), { act: 'hang' }) }),
    expireTokens: () => stand.endSessions(),
    refuseIdentity: () => stand.setPassword('Zw3i-tryton-pw'),
    expirePositions: { never: 'a position is a time and an id, which Tryton cannot forget' },
    dropField: 'never' in dropNote ? dropNote : () => dropNote(stand),
    commitLate: (fields) => commitLate(stand, kind, fields),
  }
}

/** A transaction that began now and waits for a lock that somebody holds. */
async function commitLate(
  stand: TrytonStand,
  { late }: Kind,
  fields: JsonObject,
): Promise<{ id: string; show(): Promise<void> }> {
  const release = await holdLock(stand.postgres, DATABASE, late.lock)
  const made = late.create(stand, fields)
  await someoneWaits(stand.postgres)
  const [[id = ''] = []] = await stand.sql(`SELECT last_value FROM ${late.sequence}`)
  return {
    id,
    show: async () => {
      await release()
      await made
    },
  }
}

/** Triggers put one time on whatever is written meanwhile. They stay: a table with a transaction under way takes and gives back none. */
async function atOneMoment(
  stand: TrytonStand,
  { tables, type }: Kind,
  work: () => Promise<void>,
): Promise<void> {
  await stand.once(`held moments of ${type}`, async () => {
    const on = tables.map(
      (table) =>
        `CREATE TRIGGER held_moment BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION held_moment();`,
    )
    await stand.sql(`
      CREATE TABLE IF NOT EXISTS held_moment (at timestamp NOT NULL);
      CREATE OR REPLACE FUNCTION held_moment() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE moment timestamp := (SELECT at FROM held_moment);
      BEGIN
        IF moment IS NULL THEN RETURN NEW; END IF;
        IF TG_OP = 'INSERT' THEN NEW.create_date := moment; ELSE NEW.write_date := moment; END IF;
        RETURN NEW;
      END $$;
      ${on.join('\n')}`)
  })
  const moment = new Date().toISOString().replace('Z', '').replace('T', ' ')
  await stand.sql(`INSERT INTO held_moment VALUES ('${moment}')`)
  try {
    await work()
  } finally {
    await stand.sql('DELETE FROM held_moment')
  }
}
