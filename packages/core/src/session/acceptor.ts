/** The acceptor's part of the handshake: what it says first, how it judges HELLO, and its WELCOME. */
import { checkClaim, NO_CREDENTIAL, nodeOf, sameLog } from './credential-check.ts'
import { listedRuns } from './cursor.ts'
import { INITIAL_CREDIT_BYTES, NONCE_BYTES } from './limits.ts'
import type { MessageOf } from './messages.ts'
import type { Met } from './met.ts'
import { type Peer, ProtocolError, type SessionReplica, type Want } from './port.ts'
import { helloProof, type Introduction, welcomeProof } from './proof.ts'
import { KNOWN_VERSIONS, type VersionRange } from './versions.ts'
import { channelsOf, type Grant, grantWant } from './want.ts'

export interface Accepted {
  met: Met
  welcome: MessageOf<'welcome'>
}

/** @throws Error when this replica has no credential to show */
export function makeChallenge(
  replica: SessionReplica,
  versions: VersionRange = KNOWN_VERSIONS,
): MessageOf<'challenge'> {
  if (replica.credential === undefined) {
    throw new Error(`accepting a session: replica ${replica.node} has no credential to show; enrol it first`)
  }
  return {
    type: 'challenge',
    versionMin: versions.min,
    versionMax: versions.max,
    space: replica.space,
    key: replica.publicKey,
    log: replica.log,
    credential: replica.credential.hash,
    nonce: replica.host.random(NONCE_BYTES),
  }
}

/** Undefined when the credential was only named and is not known here. @throws ProtocolError, CredentialError */
export async function judgeHello(
  replica: SessionReplica,
  challenge: MessageOf<'challenge'>,
  hello: MessageOf<'hello'>,
): Promise<Accepted | undefined> {
  checkHello(replica, challenge, hello)
  const { hash } = hello.credential
  const known = await replica.credentialByHash(hash)
  const token = hello.credential.token || known?.token
  if (token === undefined) return undefined
  const introduction = introductionOf(challenge, hello)
  const claim = {
    key: hello.key,
    hash,
    token,
    signed: helloProof(introduction),
    proof: hello.proof,
    by: 'initiator' as const,
  }
  const credential = await checkClaim(replica, claim)
  if (known === undefined) await replica.remember(credential)
  const node = nodeOf(replica.host, hello.key)
  const peer: Peer = { node, publicKey: hello.key.slice(), log: hello.log, runs: hello.runs, credential }
  const grant = grantWant(hello.want, credential, replica)
  const want = await replica.want(peer)
  const welcome = await makeWelcome(replica, { hello, introduction, peer, grant, want })
  const granted = { read: channelsOf(want), write: replica.credential!.write }
  const creditBytes = INITIAL_CREDIT_BYTES
  return {
    met: {
      peer,
      shown: challenge.credential,
      peerAsked: hello.want,
      grant,
      asked: want,
      heard: want,
      refused: [],
      granted,
      creditBytes,
    },
    welcome,
  }
}

function checkHello(
  replica: SessionReplica,
  { versionMin, versionMax }: MessageOf<'challenge'>,
  { version, log, credential }: MessageOf<'hello'>,
): void {
  if (version < versionMin || version > versionMax) {
    throw new ProtocolError(
      'version-unsupported',
      `HELLO chose version ${version}, known are ${versionMin} to ${versionMax}; upgrade the older side`,
    )
  }
  if (log === replica.log) throw sameLog(log)
  if (credential.hash === NO_CREDENTIAL) {
    throw new ProtocolError('credential-missing', 'HELLO names no credential: enrol this device first')
  }
}

function introductionOf(challenge: MessageOf<'challenge'>, hello: MessageOf<'hello'>): Introduction {
  const { space, key, nonce, log, credential } = challenge
  const initiator = { key: hello.key, nonce: hello.nonce, log: hello.log, credential: hello.credential.hash }
  return { space, acceptor: { key, nonce, log, credential }, initiator }
}

interface Judged {
  hello: MessageOf<'hello'>
  introduction: Introduction
  peer: Peer
  grant: Grant
  want: Want
}

async function makeWelcome(replica: SessionReplica, judged: Judged): Promise<MessageOf<'welcome'>> {
  const { hello, introduction, peer, grant, want } = judged
  return {
    type: 'welcome',
    runs: listedRuns(replica.runs, replica.forgotten),
    token: hello.show ? replica.credential!.token : '',
    read: grant.read,
    write: peer.credential.write,
    refused: grant.refused,
    want,
    creditBytes: INITIAL_CREDIT_BYTES,
    proof: await replica.sign(welcomeProof(introduction)),
  }
}
