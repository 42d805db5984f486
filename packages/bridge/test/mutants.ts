/** Adapters that each break one rule of the contract, in a way that people do. They are data: a rule, what is done wrong, and how. It is long because every rule has one, and one list shows which has none. */
import type {
  Adapter,
  Call,
  DeleteRequest,
  ExternalRow,
  Failure,
  MemorySystem,
  MemorySystemOptions,
  UpsertRequest,
  WriteAnswer,
} from '@skerry/bridge'

export interface Mutant {
  rule: string
  /** Completes "an adapter that …". */
  sin: string
  breaks(inner: Adapter, memory: MemorySystem): Adapter
  options?: MemorySystemOptions
}

type Upsert = Adapter['upsert']
type Answers<Method extends 'upsert' | 'delete' | 'read' | 'changes'> = Awaited<ReturnType<Adapter[Method]>>

/** Another answer of one method. */
function answering<Method extends 'upsert' | 'delete' | 'read' | 'changes'>(
  method: Method,
  other: (
    answer: Answers<Method>,
    memory: MemorySystem,
    given: Parameters<Adapter[Method]>,
  ) => Answers<Method>,
): Mutant['breaks'] {
  return (inner, memory) => ({
    ...inner,
    [method]: async (...given: Parameters<Adapter[Method]>) => {
      const call = inner[method] as (...given: Parameters<Adapter[Method]>) => Promise<Answers<Method>>
      return other(await call(...given), memory, given)
    },
  })
}

/** Another request to `upsert`. */
function asking(other: (request: Parameters<Upsert>[1]) => Partial<Parameters<Upsert>[1]>): Mutant['breaks'] {
  return (inner) => ({
    ...inner,
    upsert: (type, request, call) => inner.upsert(type, { ...request, ...other(request) }, call),
  })
}

/** The answers of a batch, otherwise. */
function batching(other: (answers: WriteAnswer[]) => WriteAnswer[]): Mutant['breaks'] {
  return (inner) => ({ ...inner, writeMany: async (...given) => other(await inner.writeMany!(...given)) })
}

/** `done`, with a row that nobody has. */
function pretended(request: { id?: string | undefined; externalId: string; fields?: object }): WriteAnswer {
  const { id = 'CASES-1', externalId, fields = {} } = request
  const row = { type: 'cases', id, externalId, version: 'v1', deleted: false, value: { ...fields } }
  return { kind: 'done', row }
}

/** Rows as an adapter lists them that goes by what `key` says, above a position, and believes that nothing else comes there. */
function listedBy(key: (row: ExternalRow) => number): Mutant['breaks'] {
  return (inner, memory) => ({
    ...inner,
    changes: async (type, position, limit) => {
      const after = Number(position ?? 0)
      const found = memory.rows(type).filter((row) => key(row) > after)
      const rows = found.sort((a, b) => key(a) - key(b)).slice(0, limit)
      const last = rows.at(-1)
      return {
        kind: 'page',
        rows,
        next: String(last ? key(last) : after),
        complete: rows.length === found.length,
      }
    },
  })
}

const timeOf = ({ modifiedAt = 0 }: ExternalRow) => modifiedAt
const numberOf = ({ id }: ExternalRow) => Number(id.split('-')[1])

/** Pages by offset in the order of time, in which a row that changes moves to the end. */
const byOffset: Mutant['breaks'] = (inner, memory) => ({
  ...inner,
  changes: async (type, position, limit) => {
    const [since = 0, offset = 0] = (position ?? '0/0').split('/').map(Number)
    const found = memory.rows(type).filter((row) => timeOf(row) > since)
    const rows = found.sort((a, b) => timeOf(a) - timeOf(b)).slice(offset, offset + limit)
    const complete = offset + rows.length >= found.length
    const next = complete ? `${Math.max(since, ...found.map(timeOf))}/0` : `${since}/${offset + limit}`
    return { kind: 'page', rows, next, complete }
  },
})

/** Offsets among the rows that live: one that is deleted meanwhile moves the others. */
const livingByOffset: Mutant['breaks'] = (inner, memory) => ({
  ...inner,
  list: async (type, position, limit) => {
    const from = Number(position ?? 0)
    const all = memory.rows(type).filter(({ deleted }) => !deleted)
    const rows = all.slice(from, from + limit)
    const complete = from + limit >= all.length
    return { kind: 'page', rows, next: String(from + limit), complete, proves: true }
  },
})

/** Reads the rows of a page by themselves. @param from where it goes on, by what it kept and what it is given */
function rereading(
  from: (own: { kept?: string }, position: string | undefined) => string | undefined,
  { passesOver = false } = {},
): Mutant['breaks'] {
  return (inner) => {
    const own: { kept?: string } = {}
    const changes: Adapter['changes'] = async (type, position, limit, call) => {
      const page = await inner.changes(type, from(own, position), limit, call)
      if (page.kind !== 'page') return page
      own.kept = page.next
      const rows: ExternalRow[] = []
      for (const { id } of page.rows) {
        const answer = await inner.read(type, { id }, call)
        if (answer.kind === 'row') rows.push(answer.row)
        else if (answer.kind !== 'absent' && !passesOver) return answer
      }
      return { ...page, rows }
    }
    return { ...inner, changes }
  }
}

/** Reads the row after it was written. @param told what is answered when that fails */
function readingBack(told: (failure: Failure, written: ExternalRow) => WriteAnswer): Mutant['breaks'] {
  return (inner) => {
    const read = async (type: string, written: WriteAnswer, call: Call): Promise<WriteAnswer> => {
      if (written.kind !== 'done') return written
      const now = await inner.read(type, { id: written.row.id }, call)
      if (now.kind === 'row') return { kind: 'done', row: now.row }
      return now.kind === 'absent' ? written : told(now, written.row)
    }
    return {
      ...inner,
      upsert: async (type, request, call) => read(type, await inner.upsert(type, request, call), call),
      delete: async (type, request, call) => read(type, await inner.delete(type, request, call), call),
      writeMany: async (type, writes, call) => {
        const answers = await inner.writeMany!(type, writes, call)
        return Promise.all(answers.map((answer) => read(type, answer, call)))
      },
    }
  }
}

/** A row for each create, whatever is there. */
const makingAnew: Mutant['breaks'] = (inner, memory) => ({
  ...inner,
  upsert: async (type, request, call) => {
    if (request.id !== undefined) return inner.upsert(type, request, call)
    return { kind: 'done', row: memory.edit(type, { externalId: request.externalId }, request.fields) }
  },
})

const lost = (answer: { kind: string }) => answer.kind === 'unknown'
const unlost = (answer: WriteAnswer, request: UpsertRequest | DeleteRequest): WriteAnswer =>
  lost(answer) ? pretended(request) : answer

export const mutants: readonly Mutant[] = [
  {
    rule: 'K-01',
    sin: 'leaves a row behind when it is checked',
    breaks: (inner, memory) => ({
      ...inner,
      check: async (call) => {
        memory.edit('cases', {}, { Title: 'a try' })
        return inner.check(call)
      },
    }),
  },
  {
    rule: 'K-02',
    sin: 'describes only fields that it knows itself',
    breaks: (inner) => ({
      ...inner,
      describe: async (...given) => {
        const answer = await inner.describe!(...given)
        if (answer.kind !== 'types') return answer
        return { ...answer, types: answer.types.map((one) => ({ ...one, fields: one.fields.slice(0, 1) })) }
      },
    }),
  },
  {
    rule: 'K-03',
    sin: 'asks for no fresh token',
    breaks: (inner, memory) => {
      memory.faults.endSessions = () => memory.faults.shut()
      return inner
    },
  },
  {
    rule: 'K-04',
    sin: 'tries again and again where it is not let in',
    breaks: (inner) => ({
      ...inner,
      read: async (...given) => {
        for (let tries = 0; tries < 9; tries++) {
          const answer = await inner.read(...given)
          if (answer.kind !== 'unauthorized') return answer
        }
        return { kind: 'unauthorized', reason: 'nine times' }
      },
    }),
  },
  {
    rule: 'K-05',
    sin: 'has one version for every state of a row',
    breaks: answering('read', (answer) =>
      answer.kind === 'row' ? { ...answer, row: { ...answer.row, version: 'v' } } : answer,
    ),
  },
  {
    rule: 'K-06',
    sin: 'finds any row by an external id',
    breaks: answering('read', (answer, memory, [type, key]) =>
      'externalId' in key && answer.kind === 'row' ? { ...answer, row: memory.rows(type)[0]! } : answer,
    ),
  },
  {
    rule: 'K-07',
    sin: 'takes absence for deletion',
    breaks: answering('read', (answer, _, [type, key]) => {
      if (answer.kind !== 'absent') return answer
      const id = 'id' in key ? key.id : key.externalId
      return { kind: 'row', row: { type, id, version: 'gone', deleted: true, value: {} } }
    }),
  },
  {
    rule: 'K-10',
    sin: 'lists its own rows only',
    breaks: answering('changes', (answer) =>
      answer.kind === 'page' ? { ...answer, rows: answer.rows.filter((row) => row.externalId) } : answer,
    ),
  },
  {
    rule: 'K-11',
    sin: 'keeps its position in memory',
    breaks: (inner, memory) => {
      let isMine = false
      return {
        ...inner,
        changes: async (type, position, ...given) => {
          if (position === undefined) isMine = true
          if (isMine) return inner.changes(type, position, ...given)
          return { kind: 'page', rows: [], next: String(memory.rows(type).length), complete: true }
        },
      }
    },
  },
  { rule: 'K-12', sin: 'drops ties', breaks: listedBy(timeOf) },
  { rule: 'K-13', sin: 'pages by offset', breaks: byOffset },
  {
    rule: 'K-14',
    sin: 'lists only what lives, and says that it tells of deletions',
    breaks: answering('changes', (answer) =>
      answer.kind === 'page' ? { ...answer, rows: answer.rows.filter((row) => !row.deleted) } : answer,
    ),
  },
  {
    rule: 'K-15',
    sin: 'answers a write with the version from before',
    breaks: answering('upsert', (answer, _, [, { expectedVersion }]) =>
      answer.kind === 'done' && expectedVersion
        ? { ...answer, row: { ...answer.row, version: expectedVersion } }
        : answer,
    ),
  },
  {
    rule: 'K-16',
    sin: 'goes on from nowhere when its position is forgotten',
    breaks: answering('changes', (answer, _, [, position]) =>
      answer.kind === 'expired' ? { kind: 'page', rows: [], next: position ?? '0', complete: true } : answer,
    ),
  },
  { rule: 'K-17', sin: 'takes ids for the order in which rows become visible', breaks: listedBy(numberOf) },
  { rule: 'K-18', sin: 'reads a number out of whatever it is given', breaks: listedBy(timeOf) },
  {
    rule: 'K-19',
    sin: 'keeps its position itself, and moves it before the page is whole',
    breaks: rereading(({ kept }, position) => kept ?? position),
  },
  {
    rule: 'K-19',
    sin: 'passes over rows that it could not read',
    breaks: rereading((_, position) => position, { passesOver: true }),
  },
  {
    rule: 'K-19',
    sin: 'asks where it is when the page is read already',
    breaks: (inner) => ({
      ...inner,
      changes: async (type, position, limit, call) => {
        const page = await inner.changes(type, position, limit, call)
        if (page.kind !== 'page' || !page.complete) return page
        const newest = await inner.latest!(type, call)
        return newest.kind === 'position' ? { ...page, next: newest.position } : newest
      },
    }),
    options: { namesPositions: true },
  },
  {
    rule: 'K-20',
    sin: 'drops the last row of every page of a listing',
    breaks: (inner) => ({
      ...inner,
      list: async (...given) => {
        const answer = await inner.list!(...given)
        return answer.kind === 'page' ? { ...answer, rows: answer.rows.slice(0, -1) } : answer
      },
    }),
  },
  { rule: 'K-21', sin: 'proves by offsets that move', breaks: livingByOffset },
  {
    rule: 'K-22',
    sin: 'means by "from now on" when it is asked the next time',
    breaks: (inner) => ({
      ...inner,
      latest: async () => ({ kind: 'position', position: 'from now on' }),
      changes: async (type, position, limit, call) => {
        if (position !== 'from now on') return inner.changes(type, position, limit, call)
        const newest = await inner.latest!(type, call)
        return newest.kind === 'position' ? inner.changes(type, newest.position, limit, call) : newest
      },
    }),
    options: { namesPositions: true },
  },
  {
    rule: 'K-30',
    sin: 'makes rows without their external id',
    breaks: (inner, memory) => ({
      ...inner,
      upsert: async (type, { fields }) => ({ kind: 'done', row: memory.edit(type, {}, fields) }),
    }),
  },
  { rule: 'K-31', sin: 'makes a row for every create', breaks: makingAnew },
  { rule: 'K-32', sin: 'makes a row for every try of a create', breaks: makingAnew },
  {
    rule: 'K-33',
    sin: 'writes the whole row',
    breaks: asking(({ fields }) => ({ fields: { Note: null, ...fields } })),
  },
  {
    rule: 'K-34',
    sin: 'empties a field by an empty text',
    breaks: asking(({ fields }) => ({
      fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? ''])),
    })),
  },
  {
    rule: 'K-35',
    sin: 'does not send the expected version',
    breaks: asking(({ expectedVersion }) => ({
      expectedVersion: expectedVersion === null ? null : undefined,
    })),
  },
  {
    rule: 'K-36',
    sin: 'writes a row that it did not expect',
    breaks: asking(({ expectedVersion }) => ({ expectedVersion: expectedVersion ?? undefined })),
  },
  {
    rule: 'K-37',
    sin: 'refuses to delete what is gone',
    breaks: (inner, memory) => ({
      ...inner,
      delete: async (type, request, call) =>
        memory.row(type, request.id)?.deleted
          ? { kind: 'rejected', reason: 'there is no such row' }
          : inner.delete(type, request, call),
    }),
  },
  {
    rule: 'K-38',
    sin: 'deletes under any version',
    breaks: (inner) => ({
      ...inner,
      delete: (type, request, call) => inner.delete(type, { ...request, expectedVersion: undefined }, call),
    }),
  },
  {
    rule: 'K-39',
    sin: 'wakes the dead',
    breaks: asking(() => ({ restore: true, expectedVersion: undefined })),
  },
  { rule: 'K-40', sin: 'never restores', breaks: asking(() => ({ restore: false })) },
  {
    rule: 'K-41',
    sin: 'writes a repeat over what was done since',
    breaks: asking(({ expectedVersion }) => ({
      expectedVersion: expectedVersion === null ? null : undefined,
    })),
  },
  {
    rule: 'K-42',
    sin: 'compares by itself, and writes a moment later',
    breaks: (inner) => ({
      ...inner,
      upsert: async (type, request, call) => {
        const { id, expectedVersion } = request
        const found = id === undefined ? undefined : await inner.read(type, { id }, call)
        if (found?.kind !== 'row' || found.row.deleted) return inner.upsert(type, request, call)
        if (expectedVersion !== found.row.version) return { kind: 'conflict', row: found.row }
        return inner.upsert(type, { ...request, expectedVersion: undefined }, call)
      },
    }),
  },
  {
    rule: 'K-42',
    sin: 'compares by itself, and deletes a moment later',
    breaks: (inner) => ({
      ...inner,
      delete: async (type, request, call) => {
        const { id, expectedVersion } = request
        const found = await inner.read(type, { id }, call)
        if (found.kind !== 'row' || found.row.deleted) return inner.delete(type, request, call)
        if (expectedVersion !== found.row.version) return { kind: 'conflict', row: found.row }
        return inner.delete(type, { ...request, expectedVersion: undefined }, call)
      },
    }),
  },
  {
    rule: 'K-43',
    sin: 'answers a write with what became of reading it back',
    breaks: readingBack((failure) => failure),
  },
  {
    rule: 'K-43',
    sin: 'takes a write for not made when reading it back is refused for quota',
    breaks: readingBack((failure) =>
      failure.kind === 'later' ? failure : { kind: 'unknown', reason: failure.reason },
    ),
  },
  {
    rule: 'K-43',
    sin: 'takes a write for not made when it is not let in to read it back',
    breaks: readingBack((failure) =>
      failure.kind === 'unauthorized' ? failure : { kind: 'unknown', reason: failure.reason },
    ),
  },
  {
    rule: 'K-43',
    sin: 'rejects a write whose row cannot be read back',
    breaks: readingBack((failure) =>
      failure.kind === 'unknown'
        ? { kind: 'rejected', reason: failure.reason }
        : { ...failure, kind: 'unknown' },
    ),
  },
  {
    rule: 'K-43',
    sin: 'makes up the row that it could not read back',
    breaks: readingBack((_, written) => ({ kind: 'done', row: { ...written, version: 'v' } })),
  },
  {
    rule: 'K-50',
    sin: 'says done when the answer is lost',
    breaks: answering('upsert', (answer, _, [, request]) => (lost(answer) ? pretended(request) : answer)),
  },
  {
    rule: 'K-51',
    sin: 'says later when the answer is lost',
    breaks: answering('upsert', (answer) => (lost(answer) ? { kind: 'later', reason: 'try again' } : answer)),
  },
  {
    rule: 'K-52',
    sin: 'says done when the answer to a delete is lost',
    breaks: answering('delete', (answer, _, [, request]) => (lost(answer) ? pretended(request) : answer)),
  },
  {
    rule: 'K-53',
    sin: 'forgets how long to wait',
    breaks: answering('upsert', (answer) =>
      answer.kind === 'later' ? { kind: 'later', reason: answer.reason } : answer,
    ),
  },
  {
    rule: 'K-54',
    sin: 'takes a server error for a promise that nothing was done',
    breaks: answering('upsert', (answer) => (lost(answer) ? { kind: 'later', reason: 'a 500' } : answer)),
  },
  {
    rule: 'K-55',
    sin: 'takes what it cannot read for an absent row',
    breaks: answering('read', (answer) => (lost(answer) ? { kind: 'absent' } : answer)),
  },
  {
    rule: 'K-49',
    sin: 'rejects a write whose answer is too large',
    breaks: answering('upsert', (answer) =>
      lost(answer) ? { kind: 'rejected', reason: 'too large' } : answer,
    ),
  },
  {
    rule: 'K-49',
    sin: 'rejects a delete whose answer is too large',
    breaks: answering('delete', (answer) =>
      lost(answer) ? { kind: 'rejected', reason: 'too large' } : answer,
    ),
  },
  {
    rule: 'K-49',
    sin: 'takes a row for absent that is too large to be read',
    breaks: answering('read', (answer) => (lost(answer) ? { kind: 'absent' } : answer)),
  },
  {
    rule: 'K-56',
    sin: 'refuses in its own words',
    breaks: answering('upsert', (answer) =>
      answer.kind === 'rejected' ? { ...answer, reason: 'bad request' } : answer,
    ),
  },
  {
    rule: 'K-57',
    sin: 'leaves out fields that the system does not know any more',
    breaks: (inner) => ({
      ...inner,
      upsert: async (type, request, call) => {
        const answer = await inner.upsert(type, request, call)
        if (answer.kind !== 'rejected') return answer
        const { Title = null } = request.fields
        return inner.upsert(type, { ...request, fields: { Title } }, call)
      },
    }),
  },
  {
    rule: 'K-58',
    sin: 'says that an aborted call was not made',
    breaks: answering('upsert', (answer) => (lost(answer) ? { kind: 'later', reason: 'aborted' } : answer)),
  },
  {
    rule: 'K-59',
    sin: 'does not look at the signal',
    breaks: (inner) => ({
      ...inner,
      upsert: (type, request) => inner.upsert(type, request, { signal: new AbortController().signal }),
    }),
  },
  {
    rule: 'K-60',
    sin: 'answers a batch in the wrong order',
    breaks: batching((answers) => answers.reverse()),
  },
  {
    rule: 'K-61',
    sin: 'fails a whole batch for one',
    breaks: batching((answers) => {
      const refused = answers.find(({ kind }) => kind === 'rejected')
      return refused ? answers.map(() => refused) : answers
    }),
  },
  {
    rule: 'K-62',
    sin: 'drops what does not fit into a batch',
    breaks: (inner) => ({
      ...inner,
      writeMany: (type, writes, call) =>
        inner.writeMany!(type, writes.slice(0, inner.capabilities.batch?.writesMax), call),
    }),
  },
  {
    rule: 'K-63',
    sin: 'says done of a batch whose answer is lost',
    breaks: batching((answers) =>
      answers.map((answer) => (lost(answer) ? pretended({ externalId: 'x' }) : answer)),
    ),
  },
  {
    rule: 'K-64',
    sin: 'rejects a batch for quota',
    breaks: batching((answers) =>
      answers.map((answer) =>
        answer.kind === 'later' ? { kind: 'rejected', reason: answer.reason } : answer,
      ),
    ),
  },
  {
    rule: 'K-65',
    sin: 'leaves out the absent when it reads many',
    breaks: (inner) => ({
      ...inner,
      readMany: async (...given) =>
        (await inner.readMany!(...given)).filter((answer) => answer.kind === 'row' && !answer.row.deleted),
    }),
  },
  {
    rule: 'K-66',
    sin: 'answers a bulk job in the order in which it was done',
    breaks: (inner) => ({
      ...inner,
      writeBulk: async (...given) => (await inner.writeBulk!(...given)).reverse(),
    }),
  },
  {
    rule: 'K-67',
    sin: 'rejects a batch whose answer is too large',
    breaks: batching((answers) =>
      answers.map((answer) => (lost(answer) ? { kind: 'rejected', reason: 'too large' } : answer)),
    ),
  },
  {
    rule: 'K-70',
    sin: 'goes on listening after its end',
    breaks: (inner) => ({
      ...inner,
      listen: async (...given) => {
        await inner.listen!(...given)
        return async () => undefined
      },
    }),
  },
  {
    rule: 'K-71',
    sin: 'counts every request twice',
    breaks: (inner) => ({
      ...inner,
      read: (type, key, call) =>
        inner.read(type, key, { ...call, spend: (units = 1) => call.spend?.(2 * units) }),
    }),
  },
  {
    rule: 'K-08',
    sin: 'says that it shows empty fields, and leaves them out',
    breaks: (inner) => ({ ...inner, capabilities: { ...inner.capabilities, emptyFields: 'shown' } }),
  },
  {
    rule: 'K-80',
    sin: 'says done of what was never done',
    breaks: (inner) => ({
      ...inner,
      upsert: async (type, request, call) => unlost(await inner.upsert(type, request, call), request),
      delete: async (type, request, call) => unlost(await inner.delete(type, request, call), request),
      writeMany: async (type, writes, call) =>
        (await inner.writeMany!(type, writes, call)).map((answer, i) => unlost(answer, writes[i]!)),
    }),
  },
  {
    rule: 'K-81',
    sin: 'describes a field that is gone',
    breaks: (inner) => {
      let first: ReturnType<NonNullable<Adapter['describe']>> | undefined
      return {
        ...inner,
        describe: (types, call) => {
          first ??= inner.describe!(types, call)
          return first
        },
      }
    },
  },
]
