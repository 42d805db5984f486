/**
 * Deliberate breaks: each takes one rule out of the code, where it is kept. A suite that stays green under one of them proves nothing about that rule. The simulator must find each of
 * `oracleBreaks` by itself, within so many seeds. It is long because it is a list, with a line for each thing that is said of a break.
 */
export interface Break {
  name: string
  file: string
  find: string
  replace: string
}

export interface SuiteBreak extends Break {
  /** Where the test is, so that a run is short. */
  suites: string[]
  /** A part of the test's own name (without that of its group): it must fail by what it asserts. */
  test: string
}

export interface OracleBreak extends Break {
  /** The oracle that is expected to find it; another one may be quicker. */
  oracle: string
}

const sessions = 'packages/core/src/session'
const ephemeral = 'packages/core/src/ephemeral'
const replica = 'packages/core/src/replica'

export const oracleBreaks: readonly OracleBreak[] = [
  {
    name: 'acknowledge before durable',
    oracle: 'acknowledged',
    file: `${sessions}/incoming.ts`,
    find: 'const refusals = await replica.deliver(delivery, this.#ports.throttle()?.spend)',
    replace:
      'if (batch.due && position !== undefined) this.#sendAck(position.seq)\n    const refusals = await replica.deliver(delivery, this.#ports.throttle()?.spend)',
  },
  {
    name: 'answer the app before durable',
    oracle: 'reads',
    file: `${replica}/writer.ts`,
    find: 'await this.#options.store.commit(batch)',
    replace:
      'for (const { waiting, value } of done) waiting.resolve(value)\n        await this.#options.store.commit(batch)',
  },
  {
    name: 'forget LEAVE marks',
    oracle: 'converged',
    file: 'packages/core/src/store/channel-items.ts',
    find: 'else if (after.get(channel) !== 0) yield',
    replace: 'else if (after.get(channel) === -1) yield',
  },
  {
    name: 'tell channels that were not asked',
    oracle: 'channels',
    file: 'packages/core/src/store/channel-items.ts',
    find: 'isTold(index, channel, entry)) {',
    replace:
      'isTold(index, channel, entry)) {\n      for (const other of index.entries.above(toldEntry)) if (other.seq < entry.seq) yield { kind: "entry", seq: other.seq, entry: copy(other) }',
  },
  {
    name: 'ignore the run of a cursor',
    oracle: 'converged',
    file: `${sessions}/cursor.ts`,
    find: 'ownsSeq(runs, cursor.run, cursor.seq, head)',
    replace: '(runs.length > 0 && cursor.seq <= head)',
  },
  {
    name: 'one big first change',
    oracle: 'converged',
    // All containers of a record under one actor, as if one change made them: two versions of a schema then write different bytes under it.
    file: 'packages/core/src/change/container.ts',
    find: 'const actor = containerActor(address, host, scratch)',
    replace: "const actor = containerActor({ ...address, path: [], kind: 'map' }, host, scratch)",
  },
  {
    name: 'skip the checksum',
    oracle: 'converged',
    file: 'packages/core/src/log/entry.ts',
    find: 'if (told >>> 0 !== crc32(bytes.subarray(0, end)))',
    replace: 'if (told >>> 0 !== crc32(bytes.subarray(0, end)) && bytes.length === 0)',
  },
  {
    name: 'pass over what did not fit the page',
    oracle: 'converged',
    file: `${sessions}/reader.ts`,
    find: 'this.#append(fresh, upTo)',
    replace: 'this.#append(fresh.slice(0, 5), upTo)',
  },
  {
    name: 'drop a refusal',
    oracle: 'acknowledged',
    file: `${sessions}/incoming.ts`,
    find: 'this.#refusals.push(...refusals)',
    replace: 'this.#refusals.push(...refusals.slice(1))',
  },
  {
    name: 'skip the echo filter',
    oracle: 'bytes',
    file: `${sessions}/peer-holds.ts`,
    find: 'return cameFrom(this.#runsOf(peer), origin)',
    replace: 'return this.#doubted.size < 0 && cameFrom(this.#runsOf(peer), origin)',
  },
  {
    name: 'ship views that are not the records',
    oracle: 'views',
    file: `${replica}/told-views.ts`,
    find: 'heads: shortHeads(heads), view }',
    replace: "heads: shortHeads(heads), view: view.replace('mk0', 'mk1') }",
  },
  {
    name: 'never return credit',
    oracle: 'liveness',
    file: `${sessions}/incoming.ts`,
    find: 'if (this.#owedBytes < limit.CREDIT_RETURN_BYTES) return',
    replace: 'if (this.#owedBytes < limit.CREDIT_BYTES_MAX) return',
  },
  {
    name: 'ignore that a credential ran out',
    oracle: 'rights',
    file: `${sessions}/entitlement.ts`,
    find: 'if (credential.expiresAt > host.now()) this.#armExpiry(credential)',
    replace:
      'if (credential.expiresAt > host.now()) this.#armExpiry(credential)\n      else if (waitMs >= 0) return',
  },
  {
    name: 'keep a session after revocation',
    oracle: 'rights',
    file: `${sessions}/entitlement.ts`,
    find: 'this.#cancelBarred = this.#ports.replica.onBarred(() => this.#checkAgain())',
    replace: 'this.#cancelBarred = this.#ports.replica.onBarred(() => undefined)',
  },
  {
    name: 'do not ask for what a newer credential grants',
    oracle: 'converged',
    file: `${sessions}/session.ts`,
    find: 'this.#asking.askAgain()\n    })',
    replace: '})',
  },
  {
    name: 'let a late frame bring back a lost channel',
    oracle: 'converged',
    file: `${replica}/deliver.ts`,
    find: 'every((read) => grants(read, channel))',
    replace: 'every((read) => grants(read, channel) || channel.length > 0)',
  },
  {
    name: 'give nothing up with a channel',
    oracle: 'converged',
    file: `${replica}/replica-base.ts`,
    find: 'await giveUpChannels(turn, core, credential.read)',
    replace: "await giveUpChannels(turn, core, ['*', ...credential.read])",
  },
  {
    name: 'add to a counter twice',
    oracle: 'replay',
    file: 'packages/core/src/records/edits.ts',
    find: "if (by !== 0) diff.edits.push({ op: 'increment', path, by })",
    replace: "if (by !== 0) diff.edits.push({ op: 'increment', path, by }, { op: 'increment', path, by })",
  },
  {
    name: 'never set the retry timer again',
    oracle: 'liveness',
    file: 'packages/ws/src/link.ts',
    find: 'this.cancelTimer = this.parts.host.timer(delayMs, () => this.dial())',
    replace: 'if (this.attempts < 2) this.cancelTimer = this.parts.host.timer(delayMs, () => this.dial())',
  },
  {
    name: 'leave a timer behind',
    oracle: 'baseline',
    file: 'packages/ws/src/link.ts',
    find: 'this.retryAt = undefined\n      this.cancelTimer()',
    replace: 'this.retryAt = undefined',
  },
  {
    name: 'keep every record loaded',
    oracle: 'baseline',
    file: `${replica}/record-cache.ts`,
    find: 'if (this.#records.size <= this.#recordsMax) return',
    replace: 'if (this.#records.size <= 10 * this.#recordsMax) return',
  },
  {
    name: 'lose the outbox row of a call at a restart',
    oracle: 'liveness',
    file: 'packages/bridge/src/dead-letters.ts',
    find: 'for await (const [record, item] of items(shared)) shared.index.apply(record, item)',
    replace:
      "for await (const [record, item] of items(shared)) if (item.state === 'dead') shared.index.apply(record, item)",
  },
  {
    name: 'write whatever the row is by now',
    oracle: 'effects',
    file: 'packages/bridge/src/begin.ts',
    find: 'const expectedVersion = shadow?.version ?? null',
    replace: 'const expectedVersion = undefined as string | null | undefined',
  },
  {
    name: 'remember the end of the audit log where there was one entry alone',
    oracle: 'chained',
    file: 'packages/bridge/src/audit/audit-log.ts',
    find: "tables.put('audit-head', HEAD_KEY, encodeHead(head))",
    replace: "if (facts.length === 1) tables.put('audit-head', HEAD_KEY, encodeHead(head))",
  },
  {
    name: 'ask nobody for what is damaged',
    oracle: 'healed',
    file: `${replica}/damage.ts`,
    find: 'if (this.#asked.get(asItIs(peer)) === this.#found) return false',
    replace: 'if (this.#asked.get(asItIs(peer)) !== -1) return false',
  },
  {
    name: 'show in channels that were not asked',
    oracle: 'channels',
    file: `${ephemeral}/link.ts`,
    find: "return (this.#told === 'all' || this.#told.has(channel)) && this.#base.mayRead(channel)",
    replace: "return this.#told === 'all' || this.#told.has(channel) || this.#base.mayRead(channel)",
  },
  {
    name: 'show for ever who was there',
    oracle: 'presence',
    file: `${ephemeral}/slots.ts`,
    find: 'else if (!isOwn) slot.cancel =',
    replace: 'else if (isOwn && ageMs > 0) slot.cancel =',
  },
  {
    name: 'show what was heard to nobody else',
    oracle: 'presence',
    file: `${ephemeral}/link.ts`,
    find: 'this.#base.spread(slot)',
    replace: 'void this.#base.spread',
  },
]

export const suiteBreaks: readonly SuiteBreak[] = [
  {
    ...named('acknowledge before durable'),
    suites: [`${sessions}/incoming.test.ts`],
    test: 'not before, and with the newest position of what was made durable together',
  },
  {
    name: 'deliver what is over budget at once',
    file: `${sessions}/incoming.ts`,
    find: 'if (!(await throttle.allowed())) return',
    replace: '',
    suites: [`${sessions}/throttle.test.ts`],
    test: 'of messages: what is beyond waits, and nothing is lost',
  },
  {
    name: 'let a whole delivery in at once',
    file: `${replica}/deliver.ts`,
    find: 'spend ? turnsOf(verdicts, costOf) : allAtOnce(verdicts)',
    replace: 'spend ? turnsOf(verdicts, () => 0) : allAtOnce(verdicts)',
    suites: [`${replica}/turns-of-delivery.test.ts`],
    test: 'the position comes with the last turn',
  },
  {
    // No oracle's business: what is sent too early is refused for what it lacks, and comes again with the mark.
    name: 'send before the enter mark',
    file: 'packages/core/src/store/channel-items.ts',
    find: "return mark?.kind === 'enter' && mark.seq < entry.seq",
    replace: 'return mark !== undefined',
    suites: ['packages/core/src/store/memory.test.ts'],
    test: 'carries 100,000 records',
  },
  {
    ...named('ignore the run of a cursor'),
    suites: [`${sessions}/want.test.ts`],
    test: 'H7: are valid when their run owns them, up to the head',
  },
  {
    ...named('one big first change'),
    suites: ['packages/core/src/change/container.test.ts'],
    test: 'C-41: each part of an address matters',
  },
  {
    ...named('skip the checksum'),
    suites: ['packages/core/src/log/entry.test.ts'],
    test: 'is refused with any bit flipped',
  },
  {
    name: 'judge a newer version by an older schema',
    file: `${replica}/violation.ts`,
    find: 'version > collection.versions.number) return undefined',
    replace: 'version < 0) return undefined',
    suites: [`${replica}/older-hub.test.ts`],
    test: 'leaves what a newer one wrote',
  },
  {
    name: 'keep the views of another version',
    file: `${replica}/refresh-views.ts`,
    find: "if (progress?.by !== by) await refresh(core, collection, by, '')",
    replace: "if (!progress) await refresh(core, collection, by, '')",
    suites: [`${replica}/refresh-views.test.ts`],
    test: 'are made anew, with their indexes, and back again',
  },
  {
    name: 'write two forms of one field apart',
    file: 'packages/core/src/records/versions.ts',
    find: 'return [...apart, ...grouped].map(({ edit }) => edit)',
    replace: 'return apart.length < 0 || grouped.length < 0 ? [] : [...edits]',
    suites: ['packages/core/src/records/lens-replace.test.ts'],
    test: 'of two of the newer version at once one wins whole',
  },
  {
    name: 'compact what the hub may still refuse',
    file: `${replica}/upkeep.ts`,
    find: 'if (seq <= answered) return true',
    replace: 'if (seq >= 0 || answered < 0) return true',
    suites: [`${replica}/compact.test.ts`],
    test: 'on an edge while the hub may still refuse one of them',
  },
  {
    name: 'believe a snapshot whoever tells it',
    file: `${replica}/judge-snapshot.ts`,
    find: "if (context.peer.credential.role === 'authority')\n",
    replace:
      "const peer = { ...context.peer, credential: { ...context.peer.credential, role: 'authority' as const } }\n  context = { ...context, peer }\n  if (context.peer.credential.role === 'authority')\n",
    suites: [`${replica}/judge-snapshot.test.ts`],
    test: 'A-10: is refused when an author may not write there',
  },
  {
    name: 'let an absent device bring back what has gone',
    file: `${replica}/admit.ts`,
    find: 'if (entry.incarnation < incarnation) {',
    replace: 'if (entry.incarnation < incarnation && author === undefined) {',
    suites: [`${replica}/tombstone.test.ts`],
    test: 'has its edits refused as record-gone and set aside',
  },
  {
    name: 'believe a presence whoever tells it',
    file: `${ephemeral}/presences.ts`,
    find: "return isSigned ? undefined : 'bad-signature'",
    replace: "return isSigned || space !== '' ? undefined : 'bad-signature'",
    suites: [`${ephemeral}/rights.test.ts`],
    test: 'nobody can say something in the name of another, nor move its counter',
  },
  {
    name: 'views: keep showing what did not come',
    file: `${replica}/deliver.ts`,
    find: "return current && want.kind === 'channels' && peer.credential.role === 'authority'",
    replace: "return current && want.kind === 'log' && peer.credential.role === 'authority'",
    suites: [`${replica}/shipped-views.test.ts`],
    test: 'U-8: what did not come when all was told is dropped, counted and reported',
  },
  {
    name: 'views: take them from any peer',
    file: `${sessions}/incoming.ts`,
    find: "if (frame.beside === 'views' && this.#ports.peer().credential.role !== 'authority')",
    replace: "if (frame.beside === 'views' && this.#ports.peer().credential.role === undefined)",
    suites: [`${sessions}/views.test.ts`],
    test: 'U6: from who is no authority they end the session, and nothing is kept',
  },
  {
    name: 'views: believe the hub without a look',
    file: `${replica}/shipped-views.ts`,
    find: 'else if (isShown(told.view, record.visible)) {',
    replace: 'else if (told.view.length > 0) {',
    suites: [`${replica}/shipped-views.test.ts`],
    test: 'U-7: a lie is shown until its entries are here, then counted, reported and gone',
  },
  {
    name: 'views: show what was given up again at the next open',
    file: `${replica}/shipped-pages.ts`,
    find: 'for (const { key } of rows) this.#gone.add(key.slice(GONE_PREFIX.length))',
    replace: 'for (const { key } of rows) this.#gone.add(key)',
    suites: [`${replica}/shipped-views.test.ts`],
    test: 'U-2: what came meanwhile, or was given up, is not shown by its view again',
  },
  {
    name: 'views: keep those of a lost channel',
    file: `${replica}/shipped-pages.ts`,
    find: 'return channels.every((channel) => grants(read, channel))',
    replace: 'return channels.every((channel) => grants([...read, channel], channel))',
    suites: [`${replica}/shipped-views.test.ts`],
    test: 'U-9: a credential that grants less takes all away, a view on its way too; one that grants the same does not',
  },
  {
    name: 'views: tell the stream before them',
    file: `${sessions}/outgoing.ts`,
    find: 'if (outlook.views !== undefined) return { read, send: false }',
    replace: 'if (outlook.views !== undefined && queued < 0) return { read, send: false }',
    suites: [`${sessions}/decide.test.ts`],
    test: 'U1: is telling views before the stream, and nothing of the stream while some are awaited',
  },
  {
    name: 'take another change under a known sequence for known',
    file: `${replica}/admit.ts`,
    find: 'if (forked) throw new Forked(record.key, forked)',
    replace: 'if (forked && record.isNew) throw new Forked(record.key, forked)',
    suites: [`${replica}/fork.test.ts`],
    test: 'are kept as a proof that anybody can check',
  },
  {
    name: 'believe a proof whose signature does not fit',
    file: `${replica}/verify-proof.ts`,
    find: 'if (!(await context.host.verify(author.publicKey, statementBytes(said), signature.signature)))',
    replace:
      'if (!(await context.host.verify(author.publicKey, statementBytes(said), signature.signature)) && space === "")',
    suites: [`${replica}/fork.test.ts`],
    test: 'of one entry twice, of two devices',
  },
  {
    name: 'leave what a revoked device wrote as it is',
    file: `${replica}/settle-revoked.ts`,
    find: 'else if (await takeBack(turn, author, suspect, takenBack))',
    replace: 'else if (suspect.version === 0 && (await takeBack(turn, author, suspect, takenBack)))',
    suites: [`${replica}/take-back.test.ts`],
    test: 'is let in and taken back in the same commit',
  },
  {
    name: 'let a mend stand against who did not know of it',
    file: `${replica}/settle-revoked.ts`,
    find: 'if (!takenBack) await giveWay(turn, author, key)',
    replace: 'if (!takenBack && suspect.version === 0) await giveWay(turn, author, key)',
    suites: [`${replica}/take-back.test.ts`],
    test: 'stays, when it comes later; the rest goes back',
  },
  {
    name: 'believe a revocation that a device signed',
    file: `${replica}/revoke.ts`,
    find: "if (author && author.role !== 'authority')",
    replace: "if (author && author.role !== 'authority' && author.subject === '')",
    suites: [`${replica}/revoke.test.ts`],
    test: 'is the authority’s alone: a device cannot make one, nor change one',
  },
  {
    name: 'count a damaged record as held',
    file: 'packages/core/src/digest/digest-follower.ts',
    find: 'if (!row || this.#source.isLacking(key)) return undefined',
    replace: 'if (!row) return undefined',
    suites: [`${replica}/damage.test.ts`],
    test: 'is not held by digests until it is whole',
  },
  {
    name: 'take a damaged record for whole',
    file: `${replica}/heal.ts`,
    find: 'if (damaged.lacking.size > 0) return false',
    replace: 'if (damaged.lacking.size > damaged.pieces.length) return false',
    suites: [`${replica}/heal.test.ts`],
    test: 'another change under the same sequence is not what was lost',
  },
  {
    name: 'take what another device lists for its runs',
    file: 'packages/core/src/log/heard-run.ts',
    find: '.string(node).string(run)',
    replace: '.string(node.slice(0, 0)).string(run)',
    suites: [`${replica}/cursors.test.ts`],
    test: 'keeps nothing that it writes from that one',
  },
  {
    // Whoever is told parts of it parks them, and it is told whole when it is healed: nothing is lost by this, but much is told twice.
    name: 'tell the rest of a record that lacks something',
    file: 'packages/core/src/store/sound-log.ts',
    find: 'return entry === undefined || this.#parts.isWithheld(entry.record) ? undefined : { ...item, entry }',
    replace: 'return entry === undefined ? undefined : { ...item, entry }',
    suites: [`${replica}/damage.test.ts`],
    test: 'is not told in part to a reader who stands in the middle of it',
  },
  {
    name: 'forget to park',
    file: `${replica}/deliver.ts`,
    find: 'judged.author && !this.#core.authority)\n        this.#lacking.push(judged)',
    replace: 'judged.author && !this.#core.authority)\n        this.#letIn.delete(record)',
    suites: [`${replica}/parking.test.ts`],
    test: 'is parked by an edge, over restarts, in no record',
  },
  {
    name: 'audit: in an append of its own',
    file: 'packages/bridge/src/bridge-life.ts',
    find: 'await this.audit?.write(tables)',
    replace:
      'const { facts } = tables\n        setImmediate(() => void this.replica.transact(async (later) => this.audit?.write(Object.assign(new BridgeTables(later, this.context.system), { facts }))))',
    suites: ['packages/bridge/src/crash.test.ts'],
    test: 'B-06 to B-12, B-21 to B-26, B-55, B-150: the power goes once, anywhere',
  },
  {
    name: 'audit: no receipts',
    file: 'packages/bridge/src/told.ts',
    find: 'tables.note(toldFact(record, content))',
    replace: '',
    suites: ['packages/bridge/src/review/crash.test.ts'],
    test: 'the power goes once, anywhere',
  },
  {
    name: 'audit: no rows',
    file: 'packages/bridge/src/intake.ts',
    find: 'this.#tables.note(takenFact(this.#subject, change, after, this.#tables.isWalk))',
    replace: '',
    suites: ['packages/bridge/src/crash.test.ts'],
    test: 'B-06 to B-12, B-21 to B-26, B-55, B-150: the power goes once, anywhere',
  },
  {
    name: 'audit: no calls',
    file: 'packages/bridge/src/begin.ts',
    find: 'tables.note(await begunFact(context, tables, { mapping, record, shadow, begun }))',
    replace: '',
    suites: ['packages/bridge/src/crash.test.ts'],
    test: 'B-06 to B-12, B-21 to B-26, B-55, B-150: the power goes once, anywhere',
  },
  {
    name: 'withhold nothing from shadows',
    file: 'packages/bridge/src/tables.ts',
    find: 'encodeShadow(shadowAtRest(this.#withheld, record, shadow))',
    replace: 'encodeShadow(shadow)',
    suites: ['packages/bridge/src/privacy/privacy.test.ts'],
    test: 'stands in no table, call, event or dead letter, whatever happens to its record',
  },
  {
    name: 'withhold nothing from the outbox',
    file: 'packages/bridge/src/tables.ts',
    find: 'encodeItem(itemAtRest(this.#withheld, record, item))',
    replace: 'encodeItem(item)',
    suites: ['packages/bridge/src/privacy/privacy.test.ts'],
    test: 'stands in no table, call, event or dead letter, whatever happens to its record',
  },
  {
    name: 'withhold nothing from reviews',
    file: 'packages/bridge/src/tables.ts',
    find: 'encodeReview(reviewAtRest(this.#withheld, record, kept))',
    replace: 'encodeReview(kept)',
    suites: ['packages/bridge/src/privacy/privacy.test.ts'],
    test: 'stands in no table, call, event or dead letter, whatever happens to its record',
  },
  {
    name: 'withhold nothing of rows',
    file: 'packages/bridge/src/incoming.ts',
    find: 'const row = mapping.seenRow(told)',
    replace: 'const row = told',
    suites: ['packages/bridge/src/privacy/privacy.test.ts'],
    test: 'stands in no table, call, event or dead letter, whatever happens to its record',
  },
  {
    name: 'erase without the salt',
    file: 'packages/bridge/src/privacy/erase.ts',
    find: "tables.put('audit-salts', subject, undefined)",
    replace: '',
    suites: ['packages/bridge/src/privacy/erase.test.ts'],
    test: 'takes away what it said from every table; that it was there, and what was done, stays',
  },
  {
    name: 'go on under the actor of a record that went',
    file: `${replica}/membership.ts`,
    find: 'if (incarnation > 0 || seqs.has(core.identity.actor)) core.identity.renewActor()',
    replace: 'void incarnation; void seqs',
    suites: [`${replica}/membership.test.ts`],
    test: 'and is edited while it comes back in parts: the edit takes no sequence of those to come',
  },
  {
    name: 'let an answer overtake a refusal',
    file: `${replica}/answer-order.ts`,
    find: 'return before ? before.then(keep) : keep()',
    replace: 'return before ? keep() : keep()',
    suites: [`${replica}/answers.test.ts`],
    test: 'though that waits for a trial',
  },
  {
    name: 'answer nothing to the tombstone of what is not known',
    file: `${replica}/deliver.ts`,
    find: "if (edits || kind === 'tombstone') this.#weighing",
    replace: 'if (edits) this.#weighing',
    suites: [`${replica}/tombstone.test.ts`],
    test: 'it keeps a peer’s tombstone without knowing a channel of it: the peer gives it up',
  },
  {
    name: 'give each turn a trial of its own',
    file: `${replica}/isolation.ts`,
    find: 'const underWay = this.#trying.get(record)',
    replace: 'const underWay = undefined as Promise<void> | undefined',
    suites: [`${replica}/isolation.test.ts`],
    test: 'also one that is given when the trial is over',
  },
]

function named(name: string): Break {
  const found = oracleBreaks.find((one) => one.name === name)
  if (!found) throw new Error(`there is no break '${name}'`)
  return found
}
