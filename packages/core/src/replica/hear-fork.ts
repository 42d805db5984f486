/** What a replica does when it is told a change under a sequence that another one has here: it keeps the proof, and where the authority tells it, takes the authority's word. */
import type { ParsedChange } from '../change/parse.ts'
import type { Credential } from '../identity/credential.ts'
import { encodeProof, ProofError } from '../log/proof.ts'
import type { Peer } from '../session/port.ts'
import { answeredIn } from './answers.ts'
import { Forked, statementHere, toldStatement } from './fork.ts'
import type { Judged } from './judge.ts'
import type { JudgedSnapshot } from './judge-snapshot.ts'
import type { ReplicaCore } from './replica-core.ts'
import { startOver, tellAnew } from './start-over.ts'
import type { Turn } from './turn.ts'
import { verifyProof } from './verify-proof.ts'

/** Returns whether the record is to be told anew by the authority: what it has of the device is what counts. */
export async function hearFork(
  turn: Turn,
  core: ReplicaCore,
  peer: Peer,
  judged: Judged | JudgedSnapshot,
  error: unknown,
): Promise<boolean> {
  if (!(error instanceof Forked)) return false
  const { record } = judged.entry
  await keepProof(turn, core, judged, error.change)
  if (judged.author || core.authority) return false
  const { ownSeq } = (await turn.open(record)).frontier
  if (ownSeq > (await answeredIn(turn))) {
    core.identity.renewActor()
    await startOver(turn, core, peer, record, { seq: ownSeq, code: error.code, reason: error.message })
  } else await tellAnew(turn, core, peer, record)
  return true
}

async function keepProof(
  turn: Turn,
  core: ReplicaCore,
  judged: Judged | JudgedSnapshot,
  change: ParsedChange,
): Promise<void> {
  const record = await turn.open(judged.entry.record)
  const told = toldStatement(judged, change)
  const here = statementHere(record, await turn.entriesOf(record.key), change, core.host)
  const [byTold, byHere] = [await citedBy(core, judged, told), await citedBy(core, judged, here)]
  if (!told || !here || !byTold || !byHere) return
  const proof = encodeProof([
    { token: byHere.token, entry: here.entry },
    { token: byTold.token, entry: told.entry },
  ])
  try {
    const fork = await verifyProof(proof, {
      host: core.host,
      space: core.identity.space,
      // Checked when they were met. That one was revoked since takes nothing from what it signed.
      verifier: { verify: async (token) => (token === byHere.token ? byHere : byTold) },
    })
    if (!(await core.quarantine.wants(turn, fork.key, fork.actor))) return
    const found = await core.quarantine.keep(turn, core.host, fork, proof)
    turn.afterCommit(() =>
      core.events({
        level: 'error',
        code: 'equivocation',
        message: `the device of ${found.subject} wrote two changes under sequence ${found.seq} of actor ${found.actor} of ${found.record}; ${found.kept ? 'the proof is kept' : 'there was no room for the proof'}`,
        fields: { device: found.key, record: found.record, actor: found.actor, seq: found.seq },
      }),
    )
  } catch (cause) {
    // What the authority told is not checked when it comes: then it may prove nothing.
    if (!(cause instanceof ProofError)) throw cause
  }
}

/** The credential that a statement cites: known here, or shown beside what is judged now. */
async function citedBy(
  core: ReplicaCore,
  { author }: Judged,
  statement: { credential: string } | undefined,
): Promise<Credential | undefined> {
  if (!statement) return undefined
  return author?.hash === statement.credential ? author : core.credentials.byHash(statement.credential)
}
