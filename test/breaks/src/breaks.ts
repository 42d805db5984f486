/**
 * Deliberate breaks: each takes one rule out of the code, where it is kept. A suite that stays green under one of them proves nothing about that rule.
 */
export interface Break {
  name: string
  file: string
  find: string
  replace: string
  /** Where red is expected, so that a run is short. */
  suites: string[]
}

export const breaks: readonly Break[] = [
  {
    name: 'acknowledge before durable',
    file: 'packages/core/src/session/incoming.ts',
    find: 'const refusals = await replica.deliver({ peer: peer(), items, position, current, want, waiting })',
    replace:
      'if (batch.due && position !== undefined) this.#sendAck(position.seq)\n    const refusals = await replica.deliver({ peer: peer(), items, position, current, want, waiting })',
    suites: ['packages/core/src/session', 'test/simulation'],
  },
  {
    name: 'send before the enter mark',
    file: 'packages/core/src/store/memory-channels.ts',
    find: "return mark?.kind === 'enter' && mark.seq < entry.seq",
    replace: 'return mark !== undefined',
    suites: ['packages/core/src/store', 'test/simulation'],
  },
  {
    name: 'ignore the run id',
    file: 'packages/core/src/session/cursor.ts',
    find: 'ownsSeq(runs, cursor.run, cursor.seq, head)',
    replace: '(runs.length > 0 && cursor.seq <= head)',
    suites: ['packages/core/src/session', 'test/simulation'],
  },
  {
    name: 'one big first change',
    file: 'packages/core/src/change/container.ts',
    // All containers of a record under one actor, as if one change made them: two versions of a schema then write different bytes under it.
    find: 'const actor = containerActor(address, host, scratch)',
    replace: "const actor = containerActor({ ...address, path: [], kind: 'map' }, host, scratch)",
    suites: ['packages/core/src/change', 'packages/core/src/replica', 'test/simulation'],
  },
  {
    name: 'skip the checksum',
    file: 'packages/core/src/log/entry.ts',
    find: 'if (told >>> 0 !== crc32(bytes.subarray(0, end)))',
    replace: 'if (told >>> 0 !== crc32(bytes.subarray(0, end)) && bytes.length === 0)',
    suites: ['packages/core/src', 'test/bad-input'],
  },
  {
    name: 'compact what the hub may still refuse',
    file: 'packages/core/src/replica/upkeep.ts',
    find: 'if (seq <= answered) return true',
    replace: 'if (seq >= 0 || answered < 0) return true',
    suites: ['packages/core/src/replica', 'test/simulation'],
  },
  {
    name: 'believe a snapshot whoever tells it',
    file: 'packages/core/src/replica/judge-snapshot.ts',
    find: 'return refused ? { changes, refused }',
    replace: 'return refused && changes.length === 0 ? { changes, refused }',
    suites: ['packages/core/src/replica'],
  },
  {
    name: 'let an absent device bring back what has gone',
    file: 'packages/core/src/replica/admit.ts',
    find: 'if (entry.incarnation < incarnation) {',
    replace: 'if (entry.incarnation < incarnation && author === undefined) {',
    suites: ['packages/core/src/replica'],
  },
  {
    name: 'judge a newer version by an older schema',
    file: 'packages/core/src/replica/violation.ts',
    find: 'version > collection.versions.number) return undefined',
    replace: 'version < 0) return undefined',
    suites: ['packages/core/src/replica'],
  },
  {
    name: 'keep the views of another version',
    file: 'packages/core/src/replica/refresh-views.ts',
    find: "if (progress?.by !== by) await refresh(core, collection, by, '')",
    replace: "if (!progress) await refresh(core, collection, by, '')",
    suites: [
      'packages/core/src/replica/refresh-views.test.ts',
      'packages/core/src/replica/mixed-versions.test.ts',
    ],
  },
  {
    name: 'write two forms of one field apart',
    file: 'packages/core/src/records/versions.ts',
    find: 'return [...apart, ...grouped].map(({ edit }) => edit)',
    replace: 'return apart.length < 0 || grouped.length < 0 ? [] : [...edits]',
    suites: ['packages/core/src/records/lens-replace.test.ts'],
  },
]
