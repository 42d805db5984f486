/** The system in memory as the contract suite needs it: every fault can be had. */
import { type Adapter, MemorySystem, type MemorySystemOptions, type TypeSchema } from '@skerry/bridge'
import type { ContractSystem } from '@skerry/bridge/testing'

const type = 'cases'
const text = { kind: 'text', required: false, writable: true } as const
const cases: TypeSchema = {
  type,
  fields: [
    { name: 'Title', ...text },
    { name: 'Note', ...text },
  ],
}
const others: TypeSchema = { type: 'others', fields: [{ name: 'Name', ...text }] }

const refuses = (_: string, { Title }: { Title?: unknown }) =>
  Title === 'poison' ? 'Title: the rule on poison says no' : undefined

export interface MemorySubject extends ContractSystem {
  memory: MemorySystem
}

export async function memorySubject(options: MemorySystemOptions = {}): Promise<MemorySubject> {
  let heldAt: number | undefined
  let clock = 1_700_000_000_000
  const memory = new MemorySystem({
    batch: { writesMax: 5, readsMax: 4 },
    bulk: { writesMin: 3, writesMax: 20 },
    types: [cases, others],
    refuses,
    now: () => heldAt ?? ++clock,
    ...options,
  })
  return {
    memory,
    adapter: memory.adapter(),
    again: () => memory.adapter(),
    type,
    fields: { title: 'Title', note: 'Note' },
    poison: { fields: { Title: 'poison' }, reason: /rule on poison/, names: ['Title'] },
    create: async (fields) => memory.edit(type, {}, fields),
    edit: async (id, fields) => {
      if (memory.rows(type).some((row) => row.id === id && row.deleted)) throw new Error(`${id} is deleted`)
      memory.edit(type, { id }, fields)
    },
    remove: async (id) => void memory.edit(type, { id, deleted: true }, {}),
    rows: async () => memory.rows(type),
    atOneMoment: async (work) => {
      heldAt = ++clock
      await work()
      heldAt = undefined
    },
    requests: async () => memory.faults.requests,
    faults: {
      loseAnswer: async () => memory.faults.strike('write', { fault: 'lose-answer' }),
      exhaustQuota: async (next) => {
        memory.faults.strike(next, { fault: 'quota', retryAfterMs: 2_000 })
        return { retryAfterMs: 2_000 }
      },
      breakServer: async (next) => memory.faults.strike(next, { fault: 'break' }),
      garbleAnswer: async (next) => memory.faults.strike(next, { fault: 'garble-answer' }),
      swellAnswer: async (next) => memory.faults.strike(next, { fault: 'swell-answer' }),
      hang: async (next) => {
        const { promise, resolve } = Promise.withResolvers<void>()
        memory.faults.strike(next, { fault: 'hang', arrived: resolve })
        return { arrived: promise }
      },
      expireTokens: async () => memory.faults.endSessions(),
      refuseIdentity: async () => memory.faults.shut(),
      expirePositions: async () => memory.faults.forgetPositions(),
      dropField: async (field) => memory.faults.dropField(field),
      commitLate: async (fields) => {
        const { id, commit } = memory.begin(type, fields)
        return { id, show: async () => void commit() }
      },
    },
    close: async () => undefined,
  }
}

/** A memory system with another adapter on it: for adapters that break a rule. */
export async function broken(
  breaking: (inner: Adapter, memory: MemorySystem) => Adapter,
  options: MemorySystemOptions = {},
): Promise<ContractSystem> {
  const subject = await memorySubject(options)
  return {
    ...subject,
    adapter: breaking(subject.adapter, subject.memory),
    again: () => breaking(subject.memory.adapter(), subject.memory),
  }
}
