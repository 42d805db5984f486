/**
 * The CRM of the story with `--erp tryton`: a real Tryton on a real PostgreSQL, both started for it. The office works over JSON-RPC as a user of its own; a proxy between the adapter node and
 * Tryton holds answers back, and keeps what was called, which is compared with what Tryton says itself.
 */
import {
  decimal,
  FaultProxy,
  lackOf,
  Office,
  type Passed,
  people,
  putDemoDatabase,
  startPostgres,
  startTryton,
} from '@skerry/systems'
import type { Cast } from './cast.ts'
import { type Case, type CaseWrite, type Crm, HELD_MS_MAX } from './crm.ts'
import type { Airport } from './data.ts'
import { OPPORTUNITY, writesIn, writesOpportunities } from './tryton-ledger.ts'
import { amountOf, hoursOf, names, priorityOf, probabilityOf, statusOf } from './tryton-words.ts'

const DATABASE = 'demo'
/** Parties made in one call. */
const SEEDED_AT_ONCE = 200

/** Of the demo database, or why it cannot be. */
export function trytonLack(): string | undefined {
  return lackOf('tryton')
}

interface Opportunity {
  id: number
  reference: string | null
  description: string
  state: string
  conversion_probability: number
  'party.': { name: string } | null
  comment: string | null
  amount: { decimal: string } | null
}

class TrytonCrm implements Crm {
  readonly name = 'Tryton'
  readonly writesOfStatus = 1
  readonly page: string
  readonly #proxy: FaultProxy
  readonly #office: Office

  constructor(proxy: FaultProxy, office: Office, server: string) {
    this.#proxy = proxy
    this.#office = office
    const { login, password } = people.office
    this.page = `${server}/${DATABASE}/, for the Tryton client (user ${login}, password ${password})`
  }

  get url(): string {
    return this.#proxy.url
  }

  get environment() {
    return {
      SKERRY_TRYTON_URL: this.#proxy.url,
      SKERRY_TRYTON_DATABASE: DATABASE,
      SKERRY_TRYTON_USER: people.skerry.login,
      SKERRY_TRYTON_PASSWORD: people.skerry.password,
    }
  }

  async seedAccounts(airports: readonly Airport[]): Promise<number> {
    const subdivisions = await this.#subdivisions(airports)
    let made = 0
    for (let at = 0; at < airports.length; at += SEEDED_AT_ONCE) {
      const some = airports.slice(at, at + SEEDED_AT_ONCE).map(({ iata, name, city, state }) => {
        const [country, subdivision] = subdivisions.get(state)!
        return { code: iata, name, addresses: [['create', [{ city, country, subdivision }]]] }
      })
      made += (await this.#office.create('party.party', ...some)).length
    }
    return made
  }

  async cases(): Promise<Case[]> {
    const fields = ['reference', ...Object.values(names).filter((name) => name !== names.parts)]
    const found = await this.#office.search<Opportunity>(OPPORTUNITY, [], fields)
    return found.map((one) => ({
      id: String(one.id),
      fields: {
        title: one.description,
        status: statusOf(one.state),
        priority: priorityOf(one.conversion_probability),
        site: one['party.']?.name ?? '',
        notes: one.comment ?? '',
        hours: hoursOf(one.amount?.decimal),
      },
    }))
  }

  officeEdit({ id }: Pick<Case, 'id'>, { title, priority, notes, hours }: Partial<Case['fields']>) {
    return this.#office.write(OPPORTUNITY, Number(id), {
      ...(title !== undefined && { [names.title]: title }),
      ...(priority !== undefined && { [names.priority]: probabilityOf(priority) }),
      ...(notes !== undefined && { [names.notes]: notes }),
      ...(hours !== undefined && { [names.hours]: decimal(amountOf(hours)) }),
    })
  }

  async hold(count: number): Promise<void> {
    void this.#proxy.strike(writesOpportunities, { act: 'hold' }, count)
  }

  async held(atLeast: number): Promise<void> {
    const written = (held: readonly Passed[]) =>
      held.reduce((sum, passed) => sum + writesIn(passed, new Map()).length, 0)
    const enough = this.#proxy.holds((held) => written(held) >= atLeast)
    const late = new Promise<never>((_, reject) => {
      const why = () =>
        new Error(
          `Tryton's proxy holds answers of ${written(this.#proxy.held)} writes, ${atLeast} were waited for`,
        )
      // A story that is over does not wait for it.
      const timer = setTimeout(() => reject(why()), HELD_MS_MAX).unref()
      void enough.then(() => clearTimeout(timer))
    })
    await Promise.race([enough, late])
  }

  async unplan(): Promise<void> {
    this.#proxy.calm()
  }

  async release(): Promise<void> {
    this.#proxy.release('answer')
  }

  async lastCall(): Promise<number> {
    return this.#proxy.passed.length
  }

  async writes(since: number): Promise<CaseWrite[]> {
    const rows = await this.#office.search<Opportunity>(OPPORTUNITY, [], ['reference'])
    const references = new Map(rows.map(({ id, reference }) => [id, reference ?? '']))
    return this.#proxy.passed
      .filter((passed) => passed.number > since && writesOpportunities(passed))
      .flatMap((passed) => writesIn(passed, references))
  }

  /** Country and subdivision of each state; those that the company has had no customers in are made. */
  async #subdivisions(
    airports: readonly Airport[],
  ): Promise<Map<string, [country: number, subdivision: number]>> {
    const [country] = await this.#office.search<{ id: number }>(
      'country.country',
      [['code', '=', 'US']],
      ['code'],
    )
    const known = () =>
      this.#office.search<{ id: number; name: string }>(
        'country.subdivision',
        [['country', '=', country!.id]],
        ['name'],
      )
    const there = new Set((await known()).map(({ name }) => name))
    const missing = [...new Set(airports.map(({ state }) => state))].filter((state) => !there.has(state))
    const made = missing.map((name) => ({ name, code: `US-${name}`, type: 'state', country: country!.id }))
    await this.#office.create('country.subdivision', ...made)
    return new Map((await known()).map(({ id, name }) => [name, [country!.id, id]]))
  }
}

/** @param told called when the demo database has to be made first */
export async function startTrytonCrm(cast: Cast, told: (line: string) => void): Promise<Crm> {
  const close = (started: { close(): Promise<void> }) => started.close()
  const postgres = await cast.startAlso((signal) => startPostgres({ signal }), close)
  await cast.startAlso(
    (signal) => putDemoDatabase(postgres, DATABASE, { told, signal }),
    async () => undefined, // it goes with its server
  )
  const server = await cast.startAlso((signal) => startTryton(postgres, DATABASE, signal), close)
  const proxy = await cast.startAlso(() => FaultProxy.start(server.url), close)
  const { login, password } = people.office
  return new TrytonCrm(proxy, await Office.open(`${server.url}/${DATABASE}/`, login, password), server.url)
}
