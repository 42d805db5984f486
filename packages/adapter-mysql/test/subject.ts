/** MariaDB as the contract suite wants it: empty, with an adapter on it, somebody else at work, and its faults. One for each way in which changes are found, and for each kind of version. */
import { type MysqlAdapterOptions, mysqlAdapter, setupStatements } from '@skerry/adapter-mysql'
import type { SqlAdapter } from '@skerry/bridge/sql'
import type { ContractFaults, ContractSystem, Strikes, TrueRow } from '@skerry/bridge/testing'
import type { JsonObject } from '@skerry/core'
import type { Stand } from './stand.ts'

type Options = Omit<MysqlAdapterOptions, 'host' | 'database' | 'user' | 'tables'>

export interface Kind {
  options: Options
  version?: MysqlAdapterOptions['tables'][string]['version']
}

const TABLES = [
  'DROP TABLE IF EXISTS things, moment, skerry_outbox, skerry_calls',
  // The newest row counts: a row that a trigger has read is locked for others, and stays.
  'CREATE TABLE moment (number integer AUTO_INCREMENT PRIMARY KEY, at timestamp(6) NULL)',
  `CREATE TABLE things (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    skerry_id varchar(190) COLLATE utf8mb4_bin UNIQUE,
    title varchar(200) NOT NULL, CONSTRAINT no_elephants CHECK (title <> 'elephant'),
    note text,
    rev integer NOT NULL DEFAULT 1,
    changed_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))`,
  `CREATE TRIGGER made BEFORE INSERT ON things FOR EACH ROW SET NEW.changed_at = COALESCE((SELECT at FROM moment ORDER BY number DESC LIMIT 1), NOW(6))`,
  `CREATE TRIGGER touched BEFORE UPDATE ON things FOR EACH ROW SET NEW.changed_at = COALESCE((SELECT at FROM moment ORDER BY number DESC LIMIT 1), NOW(6)), NEW.rev = IF(NEW.rev = OLD.rev, OLD.rev + 1, NEW.rev)`,
]

export async function openSubject(stand: Stand, { options, version }: Kind): Promise<ContractSystem> {
  const by = options.changes?.by ?? 'log'
  const given: MysqlAdapterOptions = {
    ...stand.address,
    // Few rows to a batch, so that going beyond it is quick.
    batchRows: 10,
    ...options,
    tables: {
      things: {
        key: ['id'],
        externalId: 'skerry_id',
        columns: ['title', 'note'],
        modifiedAt: 'changed_at',
        ...(version !== undefined && { version }),
      },
    },
  }
  stand.proxy.calm()
  await stand.letIn()
  await stand.run([...TABLES, ...setupStatements(given)])
  const adapters: SqlAdapter[] = []
  const late: (() => void)[] = []
  const adapter = () => {
    const one = mysqlAdapter(given)
    adapters.push(one)
    return one
  }
  return {
    adapter: adapter(),
    again: adapter,
    type: 'things',
    fields: { title: 'title', note: 'note' },
    poison: { fields: { title: 'elephant' }, reason: /CONSTRAINT `no_elephants` failed/, names: ['title'] },
    lacks: {
      bulk: 'a transaction takes as many rows as it is given',
      ...(by !== 'log' && { listen: 'only a log can be listened to' }),
      ...(by === 'time' && { deletions: 'a row that is gone has no time' }),
    },
    create: async (fields) => ({ id: String((await insert(stand, fields)).insertId) }),
    edit: async (id, fields) => {
      const sets = Object.keys(fields).map((name) => `${name} = ?`)
      await stand.sql(`UPDATE things SET ${sets} WHERE id = ?`, [...Object.values(fields), id])
    },
    remove: async (id) => void (await stand.sql('DELETE FROM things WHERE id = ?', [id])),
    rows: async () => (await stand.sql('SELECT * FROM things ORDER BY id')).map(trueRowOf),
    atOneMoment: async (work) => {
      await stand.sql('INSERT INTO moment (at) VALUES (NOW(6))')
      await work()
      await stand.sql('INSERT INTO moment (at) VALUES (NULL)')
    },
    faults: {
      ...faultsOf(stand, by),
      commitLate: async (fields) => {
        const colleague = await stand.colleague()
        late.push(() => colleague.destroy())
        await colleague.query('BEGIN')
        const sql = async (text: string, values: readonly unknown[] = []) => {
          const [made] = await colleague.query(text, [...values])
          return [made as unknown as Record<string, unknown>]
        }
        const { insertId } = await insert({ sql }, fields)
        return { id: String(insertId), show: async () => void (await colleague.query('COMMIT')) }
      },
    },
    close: async () => {
      for (const one of adapters) await one.close()
      for (const end of late) end()
    },
  }
}

async function insert(stand: Pick<Stand, 'sql'>, fields: JsonObject): Promise<Record<string, unknown>> {
  const names = Object.keys(fields)
  const places = names.map(() => '?')
  const [made] = await stand.sql(`INSERT INTO things (${names}) VALUES (${places})`, Object.values(fields))
  return made ?? {}
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
const reads = (sent: string) => /SELECT .* FROM `things`/s.test(sent)
const begins = (sent: string) => sent.endsWith('BEGIN')
export const commits = (sent: string) => sent.endsWith('COMMIT')

function faultsOf(stand: Stand, by: string): ContractFaults {
  const { proxy } = stand
  const matching = (next: Strikes) => (next === 'read' ? reads : commits)
  return {
    loseAnswer: async () => void proxy.strike(commits, { act: 'lose' }),
    exhaustQuota: async (next) => {
      const bytes = refusal(
        1226,
        '42000',
        "User 'skerry_adapter' has exceeded the 'max_queries_per_hour' resource",
      )
      void proxy.strike(next === 'read' ? reads : begins, { act: 'answer', bytes })
      return {}
    },
    breakServer: async (next) => void proxy.strike(matching(next), { act: 'cut' }),
    garbleAnswer: async (next) => void proxy.strike(matching(next), { act: 'half' }),
    swellAnswer: { never: 'the driver reads rows of any size' },
    hang: async (next) => ({ arrived: proxy.strike(matching(next), { act: 'hang' }) }),
    expireTokens: { never: 'a password does not end by itself' },
    refuseIdentity: () => stand.lockOut(),
    expirePositions:
      by === 'time'
        ? { never: 'a position is a time and a key, which nobody can forget' }
        : () => (by === 'log' ? stand.purgeLogs() : stand.run(['TRUNCATE skerry_outbox'])),
    dropField: async (field) => stand.run([`ALTER TABLE things DROP COLUMN ${field}`]),
  }
}

/** How the server says no. */
function refusal(number: number, state: string, message: string): Uint8Array {
  const body = Buffer.concat([
    Buffer.from([0xff, number & 0xff, number >> 8]),
    Buffer.from(`#${state}${message}`),
  ])
  return Buffer.concat([Buffer.from([body.length & 0xff, body.length >> 8, 0, 1]), body])
}
