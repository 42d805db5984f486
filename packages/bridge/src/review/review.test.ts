/** Conflicts that wait for a person: what is held, who hears of it, how it ends (SPEC B-100 to B-104). */
import { BridgeError, type MappingConfig, type Review } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { jobMapping } from '../../test/nodes.ts'
import { START, TwoSides } from '../../test/two-sides.ts'

beforeAll(startEngine)

const withRule = (rule: unknown, name = 'title', external = 'Title'): MappingConfig => ({
  ...jobMapping,
  fields: { ...jobMapping.fields, [name]: { field: external, rule } as never },
})
const mapping = withRule('review')

/** A record whose title both sides have changed, under review. */
async function underReview(over: Partial<MappingConfig> = {}, others: JsonObject[] = []) {
  const sides = await TwoSides.agree({
    mapping: { ...mapping, ...over },
    record: { title: 'before', site: 'PDX' },
  })
  const [ours = {}, theirs = {}] = others
  await sides.apart({ title: 'ours', ...ours }, { Title: 'theirs', ...theirs })
  return sides
}

describe('B-100 a field under review', () => {
  test('REC-4: stays on both sides, is neither written nor taken in, and everything else goes on', async () => {
    const sides = await underReview({}, [{ status: 'done' }, { Site: 'SEA' }])
    expect(await sides.record()).toMatchObject({ title: 'ours', status: 'done', site: 'SEA' })
    expect(sides.row.value).toEqual({ Title: 'theirs', Status: 'done', Site: 'SEA' })
    expect(sides.bridge.stats()).toMatchObject({ open: 0, reviews: 1 })
    await sides.edit({ notes: 'and more' })
    sides.office({ Site: 'GEG' })
    await sides.sync()
    expect(await sides.record()).toMatchObject({ title: 'ours', notes: 'and more', site: 'GEG' })
    expect(sides.row.value).toEqual({ Title: 'theirs', Status: 'done', Site: 'GEG', Notes: 'and more' })
    expect(sides.effects.filter(({ fields }) => fields.includes('Title'))).toHaveLength(1)
    expect(await sides.bridge.reviews()).toHaveLength(1)
  })

  test('CON-9: the item has both values, the agreed one, who and when on each side, and what each system has', async () => {
    const sides = await TwoSides.agree({ mapping, record: { title: 'before' } })
    await sides.apart({ title: 'ours' }, { Title: 'theirs' }, { seconds: { ours: 60, theirs: 90 } })
    expect(await sides.review('title')).toEqual({
      record: `jobs/${sides.id}`,
      field: 'title',
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      agreed: 'before',
      ours: 'ours',
      theirs: 'theirs',
      reason: 'a person decides',
      since: START + 3_600_000,
      oursAt: START + 60_000,
      oursBy: sides.node.replica.node,
      theirsAt: START + 90_000,
      theirsBy: 'office',
      systems: { crm: 'theirs' },
    })
  })

  test('is kept over a restart, and over a restart that never closed anything', async () => {
    const sides = await underReview()
    const before = await sides.bridge.reviews()
    await sides.apart(undefined, undefined)
    expect(await sides.bridge.reviews()).toEqual(before)
    expect(sides.bridge.stats().reviews).toBe(1)
    expect(await sides.receipts('review')).toHaveLength(1)
  })

  test('a row that changes while a call of the record is under way is held all the same', async () => {
    const sides = await TwoSides.agree({ mapping, record: { title: 'before' } })
    await sides.edit({ title: 'ours', status: 'done' })
    sides.office({ Title: 'theirs' })
    await sides.sync()
    expect(await sides.both('title', 'Title')).toEqual(['ours', 'theirs'])
    expect(sides.row.value['Status']).toBe('done')
  })
})

describe('B-101 who has the record hears', () => {
  test('of all three values, and of each change on either side; the edit shows as under review', async () => {
    const sides = await underReview({}, [{ status: 'done' }])
    expect(await sides.receipts('review')).toMatchObject([
      {
        place: 'crm',
        fields: ['/title'],
        rule: 'review',
        values: { '/title': { was: 'theirs', became: 'ours', agreed: 'before' } },
        reason: expect.stringMatching(/in crm by office.*under review: a person decides/),
      },
    ])
    // B-108: what is saved beside it is said by name.
    const [saved] = (await sides.receipts('saved')).slice(-1)
    expect(saved?.fields).toContain('/status')
    expect(saved?.fields).not.toContain('/title')
    expect(await sides.standing()).toMatchObject({ title: 'review', status: 'saved', site: 'saved' })
    await expect(sides.node.replica.jobs.saved(sides.id, 'crm')).rejects.toMatchObject({ code: 'review' })
    const first = await sides.review('title')
    await sides.edit({ title: 'ours, later' })
    await sides.bridge.idle()
    sides.office({ Title: 'theirs, later' })
    await sides.sync()
    expect((await sides.receipts('review')).map(({ values }) => values?.['/title'])).toEqual([
      { was: 'theirs', became: 'ours', agreed: 'before' },
      { was: 'theirs', became: 'ours, later', agreed: 'before' },
      { was: 'theirs, later', became: 'ours, later', agreed: 'before' },
    ])
    const last = await sides.review('title')
    expect(last).toMatchObject({
      ours: 'ours, later',
      theirs: 'theirs, later',
      agreed: 'before',
      since: first?.since,
    })
    expect(last?.version).not.toBe(first?.version)
    expect(await sides.standing()).toMatchObject({ title: 'review' })
  })

  test('of a side that goes back to what was agreed: it is still two people who disagree', async () => {
    const sides = await underReview()
    sides.office({ Title: 'before' })
    await sides.sync()
    expect(await sides.both('title', 'Title')).toEqual(['ours', 'before'])
    expect(await sides.review('title')).toMatchObject({ ours: 'ours', theirs: 'before' })
  })
})

describe('B-102 a review ends without a person', () => {
  test.each(['here', 'there'])('when both sides are equal, by an edit %s', async (where) => {
    const sides = await underReview()
    const written = sides.effects.length
    if (where === 'here') await sides.edit({ title: 'theirs' })
    else sides.office({ Title: 'ours' })
    await sides.sync()
    const [ours, theirs] = await sides.both('title', 'Title')
    expect(ours).toBe(theirs)
    expect(await sides.bridge.reviews()).toEqual([])
    expect(sides.bridge.stats().reviews).toBe(0)
    expect(sides.effects).toHaveLength(written)
    expect(await sides.standing()).toMatchObject({ title: 'saved' })
    await sides.node.replica.jobs.saved(sides.id, 'crm')
    // From there on it is a field like any other.
    sides.office({ Title: 'next' })
    await sides.sync()
    expect(await sides.both('title', 'Title')).toEqual(['next', 'next'])
  })

  test.each([
    ['that-side', 'theirs'],
    ['this-side', 'ours'],
    [() => 'both', 'both'],
  ])('when the rule is %s by now', async (rule, winner) => {
    const sides = await underReview()
    await sides.apart(undefined, undefined, { mapping: withRule(rule) })
    expect(await sides.both('title', 'Title')).toEqual([winner, winner])
    expect(await sides.bridge.reviews()).toEqual([])
    expect((await sides.receipts('overruled')).at(-1)).toMatchObject({ fields: ['/title'] })
  })

  test('when the mapping does not name the field, or the collection, any more', async () => {
    const sides = await underReview()
    const { title: _, ...fields } = jobMapping.fields
    await sides.apart(undefined, undefined, { mapping: { ...jobMapping, fields } })
    expect(await sides.bridge.reviews()).toEqual([])
    expect(await sides.both('title', 'Title')).toEqual(['ours', 'theirs'])
    expect(await sides.standing()).toMatchObject({ title: 'pending' })
    const [last] = (await sides.receipts('saved')).slice(-1)
    expect(last).toMatchObject({ fields: ['/title'], seqs: {}, reason: /the mapping does not name it/ })
  })

  test('when the row is deleted: what is ours of it makes the record live, and the row again', async () => {
    const sides = await underReview()
    sides.office({}, true)
    await sides.sync()
    expect(await sides.bridge.reviews()).toEqual([])
    expect(sides.row).toMatchObject({ deleted: false, value: { Title: 'ours', Site: 'PDX' } })
    expect(await sides.record()).toMatchObject({ title: 'ours', site: 'PDX' })
  })

  test('when the record is deleted here', async () => {
    const sides = await underReview()
    await sides.node.replica.jobs.delete(sides.id)
    await sides.sync()
    expect(await sides.bridge.reviews()).toEqual([])
    expect(sides.row.deleted).toBe(true)
  })

  test.each(['here', 'there'])(
    'a rule that could not decide is asked again when a value changes %s',
    async (where) => {
      const rule = ({ ours, theirs }: { ours?: unknown; theirs?: unknown }) => {
        if (ours === 'ours' && theirs === 'theirs') throw new Error('never heard of them')
        return `${ours} and ${theirs}`
      }
      const sides = await TwoSides.agree({ mapping: withRule(rule), record: { title: 'before' } })
      await sides.apart({ title: 'ours' }, { Title: 'theirs' })
      expect((await sides.review('title'))?.reason).toBe('the rule could not decide: never heard of them')
      if (where === 'here') await sides.edit({ title: 'ours, again' })
      else sides.office({ Title: 'theirs, again' })
      await sides.sync()
      const both = where === 'here' ? 'ours, again and theirs' : 'ours and theirs, again'
      expect(await sides.both('title', 'Title')).toEqual([both, both])
      expect(await sides.bridge.reviews()).toEqual([])
      expect(await sides.standing()).toMatchObject({ title: 'overruled' })
    },
  )

  test.each([
    ['larger', 'price', 'Price', ['1', 'two'], ['1', '2']],
    ['sum', 'price', 'Price', ['10', 'x'], ['10', '12']],
    ['union', 'tags', 'Tags', [['a'], 'a'], [['a'], ['b']]],
  ] as const)(
    '%s of what cannot be so decided is reviewed, with both values',
    async (rule, name, external, bad, good) => {
      const loose = { ...withRule(rule, name, external) }
      const sides = await TwoSides.agree({ mapping: loose, record: { title: 'a' } })
      await sides.apart({ [name]: bad[0] as never }, { [external]: bad[1] as never })
      const [review] = await sides.bridge.reviews()
      const said = bad.map((value) => JSON.stringify(value)).join(' and ')
      expect(review?.reason).toBe(`${rule} cannot decide between ${said}`)
      sides.office({ [external]: good[1] as never })
      await sides.sync()
      const [ours, theirs] = await sides.both(name, external)
      expect([ours, await sides.bridge.reviews()]).toEqual([theirs, []])
    },
  )
})

describe('B-103 a decision', () => {
  test.each([
    ['ours', 'ours', { title: 'saved' }, [{ was: 'theirs', became: 'ours' }]],
    ['theirs', 'theirs', { title: 'overruled' }, [{ was: 'ours', became: 'theirs' }]],
    [
      { value: 'a third' },
      'a third',
      { title: 'overruled' },
      [
        { was: 'theirs', became: 'a third' },
        { was: 'ours', became: 'a third' },
      ],
    ],
  ] as const)(
    '%j stands on both sides, and everybody hears who lost and who decided',
    async (decision, title, standing, lost) => {
      const sides = await underReview({}, [{ status: 'done' }])
      const written = sides.effects.length
      await sides.bridge.resolve((await sides.review('title'))!, decision, { by: 'desk:eve' })
      await sides.bridge.idle()
      expect(await sides.both('title', 'Title')).toEqual([title, title])
      expect(sides.effects.slice(written).map(({ fields }) => fields)).toEqual(
        title === 'theirs' ? [] : [['Title']],
      )
      expect(await sides.bridge.reviews()).toEqual([])
      const overruled = await sides.receipts('overruled')
      expect(overruled.map(({ values }) => values?.['/title'])).toEqual(lost)
      expect(overruled.at(-1)?.reason).toMatch(/was under review, and desk:eve decided/)
      expect(await sides.standing()).toMatchObject({ ...standing, status: 'saved' })
      // Nothing is left to say.
      await sides.sync()
      expect(sides.effects).toHaveLength(written + (title === 'theirs' ? 0 : 1))
    },
  )

  test('about something that has changed since it was read is refused, and nothing happens', async () => {
    const sides = await underReview()
    const read = (await sides.review('title'))!
    const refuses = async (review: Pick<Review, 'record' | 'field' | 'version'>, message: RegExp) => {
      const deciding = sides.bridge.resolve(review, 'ours')
      await expect(deciding).rejects.toThrow(BridgeError)
      await expect(deciding).rejects.toMatchObject({ code: 'review-changed', message })
    }
    sides.office({ Title: 'theirs, later' })
    await sides.sync()
    await refuses(read, /title has changed since it was read/)
    await refuses({ ...read, field: 'site' }, /nothing is under review in site/)
    await refuses({ ...read, record: 'jobs/none' }, /nothing is under review/)
    await refuses({ ...read, record: 'none/none' }, /nothing is under review/)
    expect(await sides.both('title', 'Title')).toEqual(['ours', 'theirs, later'])
    const again = (await sides.review('title'))!
    await sides.bridge.resolve(again, 'theirs')
    await refuses(again, /nothing is under review in title/)
  })

  test('at a bridge that is closed is refused', async () => {
    const sides = await underReview()
    const review = (await sides.review('title'))!
    await sides.bridge.close()
    await expect(sides.bridge.resolve(review, 'ours')).rejects.toMatchObject({ code: 'closed' })
  })

  test('about an edit that the bridge has not looked at yet is refused', async () => {
    const sides = await underReview()
    const read = (await sides.review('title'))!
    // In one append before it, as whoever is a moment earlier.
    const editing = sides.edit({ title: 'ours, later' })
    await expect(sides.bridge.resolve(read, 'ours')).rejects.toMatchObject({ code: 'review-changed' })
    await editing
    await sides.bridge.idle()
    expect(await sides.review('title')).toMatchObject({ ours: 'ours, later' })
  })

  test('for a value that the schema does not allow is refused, and says so', async () => {
    const sides = await TwoSides.agree({
      mapping: withRule('review', 'status', 'Status'),
      record: { title: 'a', status: 'open' },
    })
    await sides.apart({ status: 'done' }, { Status: 'en_route' })
    const review = (await sides.review('status'))!
    for (const [decision, message] of [
      [{ value: 'closed' }, /status cannot be that: \/status/],
      [{ value: 7 }, /status cannot be that/],
    ] as const)
      await expect(sides.bridge.resolve(review, decision)).rejects.toMatchObject({
        code: 'review-value',
        message,
      })
    for (const by of ['', 'x'.repeat(201)])
      await expect(sides.bridge.resolve(review, 'ours', { by })).rejects.toMatchObject({
        code: 'review-value',
      })
    await sides.bridge.resolve(review, { value: null }, { by: 'x'.repeat(200) })
    await sides.bridge.idle()
    expect(await sides.both('status', 'Status')).toEqual([undefined, undefined])
  })

  test('made while another field is being written is written afterwards', async () => {
    const sides = await underReview()
    let decided = false
    const inner = sides.system.adapter()
    await sides.bridge.close()
    const { bridged } = await import('../../test/nodes.ts')
    const { bridge } = await bridged(sides.node, sides.system, {
      mappings: [mapping],
      adapter: {
        ...inner,
        upsert: async (...given) => {
          if (!decided) {
            decided = true
            const [review] = await bridge.reviews()
            await bridge.resolve(review!, 'ours')
          }
          return inner.upsert(...given)
        },
      },
    })
    sides.bridge = bridge
    await sides.edit({ status: 'done' })
    await sides.sync()
    expect(sides.row.value).toMatchObject({ Title: 'ours', Status: 'done' })
    expect(sides.effects.slice(1).map(({ fields }) => fields)).toEqual([['Status'], ['Title']])
    expect(await sides.standing()).toMatchObject({ title: 'saved', status: 'saved' })
  })
})

describe('B-104 delete against edit under review', () => {
  const over = { deletes: 'review' } as const
  async function held(side: 'here' | 'there') {
    const sides = await TwoSides.agree({
      mapping: { ...jobMapping, ...over },
      record: { title: 'before', site: 'PDX' },
    })
    await sides.bridge.close()
    if (side === 'here') {
      await sides.node.replica.jobs.delete(sides.id)
      sides.office({ Title: 'theirs' })
    } else {
      await sides.edit({ title: 'ours' })
      sides.office({}, true)
    }
    await sides.start()
    await sides.sync()
    return sides
  }

  test.each(['here', 'there'] as const)('deleted %s: nothing moves until somebody decides', async (side) => {
    const sides = await held(side)
    const written = sides.effects.length
    const review = (await sides.review(''))!
    const [ours, theirs] = side === 'here' ? [null, { title: 'theirs' }] : [{ title: 'ours' }, null]
    expect(review).toMatchObject({ agreed: { title: 'before' } })
    for (const [value, wanted] of [
      [review.ours, ours],
      [review.theirs, theirs],
    ])
      if (wanted === null) expect(value).toBeNull()
      else expect(value).toMatchObject(wanted as object)
    expect((await sides.receipts('review')).map(({ fields }) => fields)).toEqual([['']])
    if (side === 'there') {
      expect(await sides.standing()).toMatchObject({ title: 'review' })
      await sides.edit({ site: 'SEA' })
    } else sides.office({ Site: 'SEA' })
    await sides.sync()
    expect(sides.effects).toHaveLength(written)
    expect(sides.row.deleted).toBe(side === 'there')
    expect((await sides.record()) === undefined).toBe(side === 'here')
    expect(await sides.receipts('review')).toHaveLength(2)
    await expect(sides.bridge.resolve(review, 'ours')).rejects.toMatchObject({ code: 'review-changed' })
    await expect(sides.bridge.resolve((await sides.review(''))!, { value: 1 })).rejects.toMatchObject({
      code: 'review-value',
    })
  })

  test.each([
    ['here', 'ours', undefined],
    ['here', 'theirs', { title: 'theirs', site: 'PDX' }],
    ['there', 'ours', { title: 'ours', site: 'PDX' }],
    ['there', 'theirs', undefined],
  ] as const)('deleted %s, and decided %s', async (side, decision, becomes) => {
    const sides = await held(side)
    await sides.bridge.resolve((await sides.review(''))!, decision, { by: 'desk:eve' })
    await sides.bridge.idle()
    await sides.sync()
    expect(sides.row.deleted).toBe(becomes === undefined)
    if (becomes) {
      expect(await sides.record()).toMatchObject(becomes)
      expect(sides.row.value).toEqual({ Title: becomes.title, Site: becomes.site })
    } else expect(await sides.record()).toBeUndefined()
    expect(await sides.bridge.reviews()).toEqual([])
    expect((await sides.receipts('overruled')).at(-1)?.reason).toBe(
      'the record was under review, and desk:eve decided',
    )
    expect(sides.bridge.stats()).toMatchObject({ open: 0, reviews: 0, dead: 0 })
  })

  test('is over when both live again: field by field it goes on', async () => {
    const sides = await held('there')
    sides.office({ Site: 'SEA' }, false)
    await sides.sync()
    expect(await sides.bridge.reviews()).toEqual([])
    expect(await sides.record()).toMatchObject({ title: 'ours', site: 'SEA' })
    expect(sides.row.value).toEqual({ Title: 'ours', Site: 'SEA' })
    expect(await sides.standing()).toMatchObject({ title: 'saved' })
  })

  test('is over when both are deleted', async () => {
    const sides = await held('there')
    await sides.node.replica.jobs.delete(sides.id)
    await sides.sync()
    expect(await sides.bridge.reviews()).toEqual([])
    expect(sides.row.deleted).toBe(true)
    expect(sides.bridge.stats()).toMatchObject({ open: 0, hints: 0, dead: 0 })
  })

  test.each([
    ['edit-wins', true],
    ['delete-wins', false],
  ] as const)('and decided by %s once that is the rule', async (deletes, lives) => {
    const sides = await held('there')
    await sides.apart(undefined, undefined, { mapping: { ...jobMapping, deletes } })
    expect((await sides.record()) !== undefined).toBe(lives)
    expect(sides.row.deleted).toBe(!lives)
    expect(await sides.bridge.reviews()).toEqual([])
  })
})
