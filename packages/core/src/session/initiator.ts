/** The initiator's part of the handshake: its HELLO, and how it judges WELCOME. */
import type { Credential } from '../identity/credential.ts'
import { checkClaim, NO_CREDENTIAL, nodeOf, sameLog } from './credential-check.ts'
import { listedRuns } from './cursor.ts'
import { NONCE_BYTES } from './limits.ts'
import type { MessageOf } from './messages.ts'
import type { Met } from './met.ts'
import { type PeerAddress, ProtocolError, type SessionReplica, type Want } from './port.ts'
import { helloProof, type Introduction, welcomeProof } from './proof.ts'
import { chooseVersion, KNOWN_VERSIONS, type VersionRange } from './versions.ts'
import { grantWant, narrow } from './want.ts'

/** A HELLO on its way, and what judging the answer needs. */
export interface Introduced {
  challenge: MessageOf<'challenge'>
  introduction: Introduction
  /** Names the credential by its hash only. */
  hello: MessageOf<'hello'>
  /** Sent along when the acceptor may not know it. */
  token: string
  shown: boolean
}

/** @throws ProtocolError */
export async function composeHello(
  replica: SessionReplica,
  challenge: MessageOf<'challenge'>,
  versions: VersionRange = KNOWN_VERSIONS,
): Promise<Introduced> {
  const version = chooseVersion({ min: challenge.versionMin, max: challenge.versionMax }, versions)
  checkChallenge(replica, challenge)
  const { space, key, nonce, log, credential } = challenge
  const known = await replica.credentialByHash(credential)
  const node = nodeOf(replica.host, key)
  const { own, want } = await ownWant(replica, { node, publicKey: key, log, credential: known })
  const initiator = {
    key: replica.publicKey,
    nonce: replica.host.random(NONCE_BYTES),
    log: replica.log,
    credential: own?.hash ?? NO_CREDENTIAL,
  }
  const introduction = { space, acceptor: { key, nonce, log, credential }, initiator }
  const hello: MessageOf<'hello'> = {
    type: 'hello',
    version,
    key: replica.publicKey,
    log: replica.log,
    runs: listedRuns(replica.runs, replica.forgotten),
    nonce: initiator.nonce,
    credential: { hash: initiator.credential, token: '' },
    show: known === undefined,
    want,
    proof: await replica.sign(helloProof(introduction)),
  }
  // Who knows the acceptor's credential has met it, and was met: its own is likely known there.
  return {
    challenge,
    introduction,
    hello,
    token: own?.token ?? '',
    shown: known === undefined || own === undefined,
  }
}

/** What the credential that HELLO shows lets this side ask. */
async function ownWant(
  replica: SessionReplica,
  peer: PeerAddress,
): Promise<{ own: Credential | undefined; want: Want }> {
  for (;;) {
    const own = replica.credential
    const want = await replica.want(peer)
    // Another one may have come while positions were read.
    if (own === replica.credential) return { own, want }
  }
}

/** H10 */
function checkChallenge(replica: SessionReplica, { space, log }: MessageOf<'challenge'>): void {
  if (space !== replica.space) {
    const message = `the acceptor is of space ${JSON.stringify(space)}, this replica of ${JSON.stringify(replica.space)}`
    throw new ProtocolError('wrong-space', message)
  }
  if (log === replica.log) throw sameLog(log)
}

/** @throws ProtocolError, CredentialError */
export async function judgeWelcome(
  replica: SessionReplica,
  { challenge, introduction, hello }: Introduced,
  welcome: MessageOf<'welcome'>,
): Promise<Met> {
  const { key, log, credential: hash } = challenge
  const known = await replica.credentialByHash(hash)
  const token = welcome.token || known?.token
  if (token === undefined)
    throw new ProtocolError('credential-missing', 'WELCOME does not show the credential that HELLO asked for')
  const claim = {
    key,
    hash,
    token,
    signed: welcomeProof(introduction),
    proof: welcome.proof,
    by: 'acceptor' as const,
  }
  const credential = await checkClaim(replica, claim)
  if (known === undefined) await replica.remember(credential)
  const node = nodeOf(replica.host, key)
  return {
    peer: { node, publicKey: key.slice(), log, runs: welcome.runs, credential },
    shown: hello.credential.hash,
    peerAsked: welcome.want,
    grant: grantWant(welcome.want, credential, replica),
    asked: hello.want,
    heard: narrow(hello.want, welcome.read, welcome.refused),
    refused: welcome.refused,
    granted: { read: welcome.read, write: welcome.write },
    creditBytes: welcome.creditBytes,
  }
}
