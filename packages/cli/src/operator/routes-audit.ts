/** The audit log: verified, asked where a value comes from, cut at its old end; and what is kept of a record, erased (SPEC O-10 to O-13). */
import { type AuditVerdict, BridgeError, type Lineage } from '@skerry/bridge'
import { ProblemError, readBody, readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { BY_LENGTH_MAX } from './limits.ts'
import { bridgesAsked, type NodeBridge, runningBridges } from './node-bridges.ts'

export interface VerdictOfSystem {
  system: string
  /** False: nothing is known here of its log. */
  running: boolean
  verdict?: AuditVerdict
}

export interface CutOfSystem {
  system: string
  cut: number
}

const verifySchema = z.strictObject({
  system: z.string().optional(),
  /** Number and hash of an entry that was noted earlier. */
  noted: z
    .string()
    .regex(/^\d+:[0-9a-f]{64}$/, 'want a number and a hash, as `audit verify` prints them: 1024:9f86d0…')
    .optional(),
})

const whySchema = z.strictObject({
  system: z.string(),
  /** A record's key, or `type/id` of a row. */
  of: z.string().regex(/^[^/]+\/.+$/, 'want a record, jobs/4f1c…, or a row, cases/500…'),
  field: z.string().min(1).optional(),
  /** It is a row, also where a record has that key. */
  row: z.enum(['true', 'false']).default('false'),
})

const cutSchema = z.strictObject({
  system: z.string().optional(),
  /** Milliseconds since 1970. */
  before: z.number().int().min(0),
  by: z.string().min(1).max(BY_LENGTH_MAX).optional(),
})

const eraseSchema = z.strictObject({
  system: z.string().optional(),
  record: z.string().min(1),
  by: z.string().min(1).max(BY_LENGTH_MAX).optional(),
})

export function auditRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.get('/verify', async (c) => {
    const { system, noted } = readQuery(c, verifySchema)
    const asked = bridgesAsked(bridges, system)
    if (noted !== undefined && asked.length > 1)
      throw new ProblemError('invalid-request', 'noted: it is of one log; name its --system')
    const head = noted === undefined ? undefined : headOf(noted)
    const systems = asked.map(async ({ system: name, bridge }): Promise<VerdictOfSystem> => {
      const running = bridge()
      if (!running) return { system: name, running: false }
      return { system: name, running: true, verdict: await running.audit.verify(head) }
    })
    return c.json({ systems: await Promise.all(systems) })
  })
  routes.get('/why', async (c) => {
    const { system, of, field, row } = readQuery(c, whySchema)
    const [{ bridge } = { bridge: undefined }] = runningBridges(bridges, system)
    return c.json((await why(bridge!.audit, of, field, row === 'true')) satisfies Lineage)
  })
  routes.post('/cut', async (c) => {
    const { system, before, by } = await readBody(c, cutSchema)
    const cut: CutOfSystem[] = []
    for (const { system: name, bridge } of runningBridges(bridges, system))
      cut.push({ system: name, cut: await bridge.audit.cut({ before, ...(by !== undefined && { by }) }) })
    return c.json({ cut })
  })
  routes.post('/erase', async (c) => {
    const { system, record, by } = await readBody(c, eraseSchema)
    const erased: string[] = []
    for (const { system: name, bridge } of runningBridges(bridges, system)) {
      await bridge.erase(record, by === undefined ? {} : { by })
      erased.push(name)
    }
    return c.json({ record, erased })
  })
  return routes
}

function headOf(noted: string): { n: number; hash: string } {
  const [n = '', hash = ''] = noted.split(':')
  return { n: Number(n), hash }
}

/** A record's key and a row's name look alike: what is no record is looked for among the rows. */
async function why(
  audit: { why(of: string | { type: string; row: string }, field?: string): Promise<Lineage> },
  of: string,
  field: string | undefined,
  isRow: boolean,
): Promise<Lineage> {
  const at = of.indexOf('/')
  const row = { type: of.slice(0, at), row: of.slice(at + 1) }
  if (isRow) return audit.why(row, field)
  try {
    return await audit.why(of, field)
  } catch (error) {
    if (error instanceof BridgeError && error.code === 'unknown-lineage') return audit.why(row, field)
    throw error
  }
}
