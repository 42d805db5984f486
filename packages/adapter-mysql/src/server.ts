/** Which of the family a server is, where that makes a difference. */
import { raw, type Session, type Sql } from '@skerry/bridge/sql'

export interface Server {
  isMariaDb: boolean
  /** What it is asked where its log ends. */
  status: Sql
}

/** The statement got another name in MySQL 8.2, and lost the old one in 8.4. */
const RENAMED = 8.2

export async function serverOf(session: Session): Promise<Server> {
  const { rows } = await session.run(raw('SELECT VERSION()'))
  const version = rows[0]?.[0] ?? ''
  const isMariaDb = /mariadb/i.test(version)
  const isRenamed = !isMariaDb && Number.parseFloat(version) >= RENAMED
  return { isMariaDb, status: raw(isRenamed ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS') }
}
