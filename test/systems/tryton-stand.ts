/** A Tryton for one test file: servers, the demo database, a proxy with faults in front, and two people. Started when it is first wanted. */
import {
  FaultProxy,
  Office,
  type Postgres,
  people,
  putDemoDatabase,
  startPostgres,
  startTryton,
  type TrytonServer,
} from '@skerry/systems'

export const DATABASE = 'stand'

export class TrytonStand {
  readonly postgres: Postgres
  readonly server: TrytonServer
  /** What adapters call. */
  readonly proxy: FaultProxy
  readonly admin: Office
  readonly office: Office
  #password: string = people.skerry.password
  readonly #done = new Set<string>()
  readonly #withdrawn: number[] = []

  private constructor(
    postgres: Postgres,
    server: TrytonServer,
    proxy: FaultProxy,
    [admin, office]: [Office, Office],
  ) {
    this.postgres = postgres
    this.server = server
    this.proxy = proxy
    this.admin = admin
    this.office = office
  }

  static async start(): Promise<TrytonStand> {
    const postgres = await startPostgres()
    await putDemoDatabase(postgres, DATABASE, { told: console.log })
    const server = await startTryton(postgres, DATABASE)
    const proxy = await FaultProxy.start(server.url)
    const open = ({ login, password }: { login: string; password: string }) =>
      Office.open(`${server.url}/${DATABASE}/`, login, password)
    return new TrytonStand(postgres, server, proxy, [await open(people.admin), await open(people.office)])
  }

  /** Does a thing of this name once in the stand's life. */
  async once(name: string, act: () => Promise<void>): Promise<void> {
    if (this.#done.has(name)) return
    this.#done.add(name)
    await act()
  }

  async adapterUser(): Promise<number> {
    const domain = [['login', '=', people.skerry.login]]
    return (await this.admin.search<{ id: number }>('res.user', domain, ['login']))[0]!.id
  }

  /** Nobody may read or write the model from now on, unless a group of theirs says so. */
  async withdraw(model: string): Promise<void> {
    const [found] = await this.admin.search<{ id: number }>('ir.model', [['model', '=', model]], ['model'])
    this.#withdrawn.push(...(await this.admin.create('ir.model.access', { model: found!.id })))
  }

  /** Undoes it. */
  async giveBack(): Promise<void> {
    const accesses = this.#withdrawn.splice(0)
    if (accesses.length > 0) await this.admin.delete('ir.model.access', ...accesses)
  }

  /** Sessions of the adapter's user are worth nothing from now on. */
  async endSessions(): Promise<void> {
    await this.sql(
      `DELETE FROM ir_session USING res_user WHERE ir_session.create_uid = res_user.id AND login = '${people.skerry.login}'`,
    )
  }

  /** Of the adapter's user; ends its sessions, and forgets that it was refused. */
  async setPassword(password: string): Promise<void> {
    if (password !== this.#password) {
      await this.admin.write('res.user', await this.adapterUser(), { password })
      this.#password = password
      await this.endSessions()
    }
    await this.sql('DELETE FROM res_user_login_attempt')
  }

  sql(statements: string): Promise<string[][]> {
    return this.postgres.query(DATABASE, statements)
  }

  async close(): Promise<void> {
    await this.proxy.close()
    await this.server.close()
    await this.postgres.close()
  }
}

/** The file's stand, started by whoever wants it first. */
export function lazyStand(): { get(): Promise<TrytonStand>; close(): Promise<void> } {
  let started: Promise<TrytonStand> | undefined
  return {
    get: () => {
      started ??= TrytonStand.start()
      return started
    },
    close: async () => (await started)?.close(),
  }
}
