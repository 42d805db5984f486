/** Change events against jsforce's streaming client (Faye). */
import type { Connection } from 'jsforce'
import { StreamingExtension } from 'jsforce/api/streaming'
import { expect, onTestFinished, test } from 'vitest'
import { newYear, type Organisation, startOrganisation } from './organisation.ts'

type Event = {
  payload: {
    ChangeEventHeader: Record<string, unknown> & { recordIds: string[]; changeType: string }
  } & Record<string, unknown>
  event: { replayId: number }
}

/** Hears events of a channel, from a position on. */
async function listen(connection: Connection, channel: string, replay: number) {
  const events: Event[] = []
  const failures: { error?: string }[] = []
  let wake = () => {}
  const told =
    <One>(list: One[]) =>
    (one: One) => {
      list.push(one)
      wake()
    }
  const client = connection.streaming.createClient([
    new StreamingExtension.AuthFailure(told(failures)),
    new StreamingExtension.Replay(channel, replay),
  ])
  // The typings of the client leave it out.
  const { disconnect } = client as unknown as { disconnect: () => Promise<void> | undefined }
  // Whoever is not let in cannot take leave either.
  const end = async () => disconnect.call(client)?.then(undefined, () => undefined)
  onTestFinished(end)
  const subscription = client.subscribe(channel, told(events))
  const until = async (isThere: () => boolean) => {
    while (!isThere()) await new Promise<void>((resolve) => (wake = resolve))
  }
  return {
    events,
    failures,
    end,
    subscribed: new Promise<void>((resolve, reject) => subscription.then(() => resolve(), reject)),
    heard: async (count: number) => {
      await until(() => events.length >= count)
      return events
    },
    failed: () => until(() => failures.length > 0),
  }
}

const types = (events: Event[]) => events.map(({ payload }) => payload.ChangeEventHeader.changeType)

test('what clients and people change is told with who did it, and only with what changed', async () => {
  const org = await startOrganisation({ now: () => newYear })
  const connection = await org.login({ callOptions: { client: 'SkerryTest' } })
  const { heard, subscribed } = await listen(connection, '/data/ContactChangeEvent', -1)
  await subscribed
  const { id = '' } = await connection
    .sobject('Contact')
    .create({ FirstName: 'Ada', LastName: 'Kraken', MailingCity: 'Oban' })
  await connection.sobject('Contact').update({ Id: id, LastName: 'Byron', MailingCity: null })
  await org.edit('Contact', 'delete', id)
  await org.edit('Contact', 'undelete', id)
  const events = await heard(4)
  expect(
    events.map(({ payload: { ChangeEventHeader: header } }) => [header.changeType, header.changeOrigin]),
  ).toEqual([
    ['CREATE', 'com/salesforce/api/rest/62.0;client=SkerryTest'],
    ['UPDATE', 'com/salesforce/api/rest/62.0;client=SkerryTest'],
    ['DELETE', ''],
    ['UNDELETE', ''],
  ])
  const { ChangeEventHeader, ...fields } = events[1]!.payload
  expect(fields).toEqual({
    LastModifiedDate: '2026-01-01T00:00:00Z',
    Name: { LastName: 'Byron' },
    MailingAddress: { City: null },
  })
  expect(ChangeEventHeader).toMatchObject({
    entityName: 'Contact',
    recordIds: [id],
    changedFields: ['Name.LastName', 'MailingAddress.City', 'LastModifiedDate'],
    nulledFields: ['MailingAddress.City'],
    commitTimestamp: newYear,
    commitUser: connection.userInfo?.id,
  })
  const ids = events.map(({ event }) => event.replayId)
  expect(ids).toEqual([...ids].sort((a, b) => a - b))
  expect(ids.at(-1)! - ids[0]!, 'replay ids have holes').toBeGreaterThan(3)
})

test('rows of one call that are changed alike are one event; a channel tells of its type, or of all', async () => {
  const org = await startOrganisation({ now: () => newYear })
  const connection = await org.login()
  const all = await listen(connection, '/data/ChangeEvents', -1)
  await all.subscribed
  const accounts = await connection.sobject('Account').create([{ Name: 'a' }, { Name: 'b' }])
  const ids = accounts.map(({ id }) => id ?? '')
  await connection.sobject('Account').update(ids.map((Id) => ({ Id, Phone: '1' })))
  await connection.sobject('Case').create({ Subject: 'c' })
  const events = await all.heard(4)
  expect(types(events)).toEqual(['CREATE', 'CREATE', 'UPDATE', 'CREATE'])
  expect(events[2]?.payload.ChangeEventHeader.recordIds).toEqual(ids)
  const cases = await listen(connection, '/data/CaseChangeEvent', -2)
  expect(types(await cases.heard(1))).toEqual(['CREATE'])
})

test('a position leads to what came after it; one that is worth nothing is told so', async () => {
  let now = newYear
  const org = await startOrganisation({ now: () => now, settings: { sessionSeconds: 4 * 86_400 } })
  const connection = await org.login()
  await org.seed('Account', [{ Name: 'a' }, { Name: 'b' }, { Name: 'c' }])
  const all = await listen(connection, '/data/AccountChangeEvent', -2)
  const [first] = await all.heard(3)
  const later = await listen(connection, '/data/AccountChangeEvent', first!.event.replayId)
  expect((await later.heard(2)).map(({ payload }) => payload.Name)).toEqual(['b', 'c'])
  now += 72 * 3_600_000 + 1
  const expired = await listen(connection, '/data/AccountChangeEvent', first!.event.replayId)
  await expect(expired.subscribed).rejects.toMatchObject({
    message: `400::The replayId {${first!.event.replayId}} you provided was invalid. Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`,
  })
  const nowhere = await listen(connection, '/data/NothingChangeEvent', -1)
  await expect(nowhere.subscribed).rejects.toMatchObject({
    message: expect.stringContaining('does not exist'),
  })
})

test('events that are lost, doubled or without fields; and one that says that all must be read', async () => {
  const org = await startOrganisation({ now: () => newYear })
  const connection = await org.login()
  const { heard, subscribed } = await listen(connection, '/data/ChangeEvents', -1)
  await subscribed
  await org.fault(
    { fault: 'event-drop', count: 1 },
    { fault: 'event-duplicate', count: 1 },
    { fault: 'event-gap', count: 1 },
  )
  for (const Name of ['lost', 'twice', 'gap']) await connection.sobject('Account').create({ Name })
  await org.admin('POST', '/events/all', { type: 'Account' })
  const events = await heard(4)
  expect(events.map(({ payload }) => payload.Name)).toEqual(['twice', 'twice', undefined, undefined])
  expect(types(events)).toEqual(['CREATE', 'CREATE', 'GAP_CREATE', 'GAP_OVERFLOW'])
  expect(events[3]?.payload.ChangeEventHeader.recordIds).toEqual(['000000000000000AAA'])
})

test('a connection whose session has ended is told 401, and whoever it does not know must shake hands again', async () => {
  const org = await startOrganisation()
  const connection = await org.login()
  const first = await listen(connection, '/data/ChangeEvents', -1)
  await first.subscribed
  await org.admin('POST', '/event-clients/forget')
  // Faye shakes hands again by itself, and subscribes again.
  while (first.events.length === 0) {
    await org.seed('Account', [{ Name: 'again' }])
    await new Promise((resolve) => setImmediate(resolve))
  }
  await first.end()
  const known = await listen(await org.login(), '/data/ChangeEvents', -1)
  await known.subscribed
  await org.admin('POST', '/sessions/expire')
  await org.seed('Account', [{ Name: 'a' }])
  await known.failed()
  expect(known.failures[0]).toMatchObject({
    error: '401::Authentication invalid',
    advice: { reconnect: 'none' },
  })
})

test('the words of each refusal', async () => {
  const org = await startOrganisation()
  const say = (message: object, authorization = `OAuth ${org.token}`) => bayeux(org, message, authorization)
  expect(await say({ channel: '/meta/connect', clientId: 'nobody' })).toEqual([
    {
      channel: '/meta/connect',
      successful: false,
      error: '403::Unknown client',
      advice: { reconnect: 'handshake', interval: 0 },
    },
  ])
  const [{ clientId }] = (await say({ channel: '/meta/handshake' })) as [{ clientId: string }]
  expect(await say({ channel: '/meta/connect', clientId })).toMatchObject([
    { error: `400::Client ${clientId} has established a session, but no BAYEUX_BROWSER cookie present` },
  ])
  expect(await say({ channel: '/meta/handshake' }, 'OAuth nothing')).toMatchObject([
    { error: '403::Handshake denied', ext: { sfdc: { failureReason: '401::Authentication invalid' } } },
  ])
  expect(await say({ channel: '/meta/handshake' }, '')).toMatchObject([
    { ext: { sfdc: { failureReason: '401::Request requires authentication' } } },
  ])
})

async function bayeux({ url }: Organisation, message: object, authorization: string) {
  const answer = await fetch(`${url}/cometd/62.0`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: JSON.stringify([message]),
  })
  return answer.json()
}
