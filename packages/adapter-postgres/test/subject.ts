/** PostgreSQL as the contract suite wants it: empty, with an adapter on it, somebody else at work, and its faults. One for each way in which changes are found, and for each kind of version. */
import { type PostgresAdapterOptions, postgresAdapter, setupSql } from '@skerry/adapter-postgres'
import type { SqlAdapter } from '@skerry/bridge/sql'
import type { ContractFaults, ContractSystem, Strikes, TrueRow } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import { ROLE, type Stand } from './stand.ts'

type Options = Omit<PostgresAdapterOptions, 'host' | 'database' | 'user' | 'tables'>

export interface Kind {
  options: Options
  version?: PostgresAdapterOptions['tables'][string]['version']
}

const TABLE = `
  DROP TABLE IF EXISTS things, moment, skerry_outbox, skerry_calls CASCADE;
  CREATE TABLE moment (at timestamptz);
  CREATE TABLE things (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    skerry_id varchar(200) UNIQUE,
    title text NOT NULL CONSTRAINT no_elephants CHECK (title <> 'elephant'),
    note text,
    rev integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL);
  CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.changed_at := coalesce((SELECT max(at) FROM moment), now());
    IF TG_OP = 'UPDATE' AND NEW.rev = OLD.rev THEN NEW.rev := OLD.rev + 1; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION touch();`

function optionsOf(stand: Stand, { options, version }: Kind): PostgresAdapterOptions {
  const things = {
    key: ['id'],
    externalId: 'skerry_id',
    columns: ['title', 'note'],
    modifiedAt: 'changed_at',
    ...(version !== undefined && { version }),
  }
  // Few rows to a batch, so that going beyond it is quick.
  return { ...stand.address, batchRows: 10, ...options, tables: { things } }
}

/** Empty, and set up as the README says. */
async function prepare(stand: Stand, options: PostgresAdapterOptions): Promise<void> {
  stand.proxy.calm()
  await stand.dropSlots()
  await stand.sql(TABLE)
  await stand.sql(setupSql(options))
  await stand.sql(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${ROLE}; ALTER ROLE ${ROLE} LOGIN`)
  if (options.changes === undefined || options.changes.by === 'log')
    await stand.sql(`SELECT pg_create_logical_replication_slot('skerry_things', 'pgoutput')`)
}

export async function openSubject(stand: Stand, kind: Kind): Promise<ContractSystem> {
  const options = optionsOf(stand, kind)
  await prepare(stand, options)
  const adapters: SqlAdapter[] = []
  const late: (() => Promise<void>)[] = []
  const adapter = () => {
    const one = postgresAdapter(options)
    adapters.push(one)
    return one
  }
  const by = options.changes?.by ?? 'log'
  return {
    adapter: adapter(),
    again: adapter,
    type: 'things',
    fields: { title: 'title', note: 'note' },
    poison: {
      fields: { title: 'elephant' },
      reason: /violates check constraint "no_elephants"/,
      names: ['title'],
    },
    lacks: {
      bulk: 'a transaction takes as many rows as it is given',
      ...(by !== 'log' && { listen: 'only a log can be listened to' }),
      ...(by === 'time' && { deletions: 'a row that is gone has no time' }),
    },
    create: async (fields) => ({ id: String((await insert(stand, fields))[0]?.id) }),
    edit: async (id, fields) => {
      const sets = Object.keys(fields).map((name, i) => `${name} = $${i + 2}`)
      await stand.sql(`UPDATE things SET ${sets} WHERE id = $1`, [id, ...Object.values(fields)])
    },
    remove: async (id) => void (await stand.sql('DELETE FROM things WHERE id = $1', [id])),
    rows: async () => (await stand.sql('SELECT * FROM things ORDER BY id')).map(trueRowOf),
    atOneMoment: async (work) => {
      await stand.sql('INSERT INTO moment VALUES (now())')
      await work()
      await stand.sql('DELETE FROM moment')
    },
    faults: { ...faultsOf(stand, by), commitLate: (fields) => commitLate(stand, fields, late) },
    close: async () => {
      for (const one of adapters) await one.close()
      for (const end of late) await end()
    },
  }
}

function insert(stand: Pick<Stand, 'sql'>, fields: JsonObject) {
  const names = Object.keys(fields)
  const places = names.map((_, i) => `$${i + 1}`)
  return stand.sql(`INSERT INTO things (${names}) VALUES (${places}) RETURNING id`, Object.values(fields))
}

function trueRowOf({ id, skerry_id: externalId, title, note }: Record<string, unknown>): TrueRow {
  return {
    id: String(id),
    externalId: externalId === null ? undefined : String(externalId),
    deleted: false,
    value: { title, note } as JsonObject,
  }
}

/** What the adapter sends when it reads rows, begins to write, and ends. */
const reads = (sent: string) => /SELECT .* FROM "things"/s.test(sent)
const begins = (sent: string) => sent.includes('BEGIN')
export const commits = (sent: string) => sent.includes('COMMIT')

function faultsOf(stand: Stand, by: string): ContractFaults {
  const { proxy } = stand
  const matching = (next: Strikes) => (next === 'read' ? reads : commits)
  return {
    loseAnswer: async () => void proxy.strike(commits, { act: 'lose' }),
    exhaustQuota: async (next) => {
      const bytes = refusal('53300', 'sorry, too many clients already')
      void proxy.strike(next === 'read' ? reads : begins, { act: 'answer', bytes })
      return {}
    },
    breakServer: async (next) => void proxy.strike(matching(next), { act: 'cut' }),
    garbleAnswer: async (next) => void proxy.strike(matching(next), { act: 'half' }),
    swellAnswer: { never: 'the driver reads rows of any size' },
    hang: async (next) => ({ arrived: proxy.strike(matching(next), { act: 'hang' }) }),
    expireTokens: { never: 'a password does not end by itself' },
    refuseIdentity: async () => {
      await stand.sql(`ALTER ROLE ${ROLE} NOLOGIN`)
      await stand.sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [ROLE])
    },
    expirePositions:
      by === 'time'
        ? { never: 'a position is a time and a key, which nobody can forget' }
        : () =>
            by === 'log' ? stand.dropSlots() : stand.sql('TRUNCATE skerry_outbox').then(() => undefined),
    dropField: async (field) => void (await stand.sql(`ALTER TABLE things DROP COLUMN ${field}`)),
  }
}

/** A transaction of somebody else that goes on until it is shown. */
async function commitLate(
  stand: Stand,
  fields: JsonObject,
  late: (() => Promise<void>)[],
): Promise<{ id: string; show(): Promise<void> }> {
  const colleague = await stand.colleague()
  late.push(() => colleague.end())
  await colleague.query('BEGIN')
  const [made] = await insert(
    { sql: async (text, values) => (await colleague.query(text, [...(values ?? [])])).rows },
    fields,
  )
  return { id: String(made?.id), show: async () => void (await colleague.query('COMMIT')) }
}

/** How the server says no and hangs up. */
function refusal(code: string, message: string): Uint8Array {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`)
  const head = Buffer.alloc(5, 'E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
