/** The adapter keeps the contract against the stand-in CRM, as it is configured by default, and as somebody may configure it otherwise. */
import { adapterContract, type ContractSystem } from '@skerry/bridge/testing'
import { apiSubject, configFor } from './json-api-subject.ts'
import { sandboxSubject } from './sandbox-subject.ts'

adapterContract('adapter-rest on the stand-in CRM', () =>
  sandboxSubject({ list: { whole: { proves: true } }, webhook: {} }),
)

adapterContract('adapter-rest, Link headers, one write a call, versions not compared', async () => {
  const subject = await sandboxSubject({
    batch: undefined,
    compareAndSet: false,
    list: { paging: 'link-header' },
    row: { version: { digest: true } },
  })
  return {
    ...subject,
    lacks: {
      ...subject.lacks,
      batch: 'it was configured without',
      compareAndSet: 'it was configured without',
    },
  }
})

adapterContract(
  'adapter-rest, page numbers by time in seconds, no overlap, ETags without a row, search before create, Basic',
  async () => {
    const authorization = `Basic ${Buffer.from('ana:pässword').toString('base64')}`
    const subject = await apiSubject(
      {
        paging: 'page',
        order: 'modified',
        resolutionMs: 1_000,
        sinceIsExclusive: true,
        lets: ({ headers }) => headers.authorization === authorization,
      },
      configFor({
        auth: { kind: 'basic', user: 'ana', password: 'pässword' },
        list: { paging: 'page', order: 'modified', sinceIsExclusive: true, overlapMs: 0 },
        write: { restore: { kind: 'query', query: { back: 'yes' } } },
      }),
    )
    return withoutOverlap(subject)
  },
)

adapterContract(
  'adapter-rest, offsets by key with a total, no overlap, versions in the body, whole rows, gone for good, API key in the query',
  async () => {
    const subject = await apiSubject(
      {
        paging: 'offset',
        end: 'total',
        order: 'key',
        compares: 'body',
        replaces: true,
        deletesForGood: true,
        lets: (_, url) => url.searchParams.get('key') === 's3cret-key',
      },
      configFor({
        auth: { kind: 'api-key', key: 's3cret-key', query: 'key' },
        deletions: 'unseen',
        list: { paging: 'offset', total: 'total', overlapMs: 0, whole: { proves: true } },
        answers: [{ status: 409, body: { code: 'STALE' }, is: 'conflict' }],
        write: {
          update: { kind: 'replace' },
          version: { kind: 'body', at: 'meta.rev', parameter: 'rev' },
          restore: { kind: 'create' },
        },
      }),
    )
    return withoutOverlap(subject)
  },
)

adapterContract(
  'adapter-rest, next links, no versions, errors inside of 200, API key in a header',
  async () =>
    apiSubject(
      {
        paging: 'next-link',
        compares: 'none',
        errorsInside: true,
        lets: (request) => request.headers['x-key'] === 's3cret-key',
      },
      configFor({
        auth: { kind: 'api-key', key: 's3cret-key', header: 'x-key' },
        compareAndSet: false,
        row: { version: { digest: true } },
        list: { paging: 'next-link' },
        answers: [
          { body: { 'error.code': 'E404' }, is: 'absent' },
          { body: { 'error.code': 'E410' }, is: 'gone' },
          { body: { 'error.code': 'E422' }, is: 'rejected' },
          { body: { 'error.code': 'E429' }, is: 'later', waitMs: 2_000 },
        ],
        write: { restore: { kind: 'query', query: { back: 'yes' } } },
      }),
    ),
)

adapterContract(
  'adapter-rest, writes answered without the row, which is read after them',
  () =>
    apiSubject(
      { answersBare: true },
      configFor({ write: { restore: { kind: 'query', query: { back: 'yes' } } } }),
    ),
  { rules: /^K-(3|4|5[0-5])/ },
)

/** Every row must be found the first time, however the pages move; one that comes late cannot be. */
function withoutOverlap(subject: ContractSystem): ContractSystem {
  const commitLate = { never: 'it was configured without an overlap' }
  return { ...subject, faults: { ...subject.faults, commitLate } }
}
