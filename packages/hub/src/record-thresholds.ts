/** Threshold rules of the config at work: a crossing makes a record, or changes the one that its opening made, in the same append as the rule's state. */
import { type JsonObject, keyOf, type ReplicaBase, type Transaction } from '@skerry/core'
import { startThresholds, type Thresholds } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import type { Logger } from './log.ts'
import type { RecordThreshold } from './stream-settings.ts'

/** @throws ThresholdRuleError */
export function startRecordThresholds(
  replica: ReplicaBase,
  rules: readonly RecordThreshold[],
  log: Logger,
): Thresholds {
  const ruleNamed = (name: string) => rules.find((rule) => rule.name === name)!
  return startThresholds(replica, rules, {
    compressor: nodeCompressor,
    onError: (error) => log.error({ err: error }, 'thresholds could not be evaluated; trying again'),
    async open(transaction, crossing) {
      const { collection, value } = ruleNamed(crossing.rule).opens(crossing)
      const key = keyOf(collection, crossing.recordId)
      // States that were lost are evaluated anew; the record is there already then, and may have been worked on.
      if ((await transaction.record(key)).heads.length > 0) return
      await assign(replica, transaction, key, collection, value)
      log.info({ rule: crossing.rule, stream: crossing.stream, record: key }, 'threshold crossed')
    },
    async close(transaction, crossing) {
      const rule = ruleNamed(crossing.rule)
      const { collection } = rule.opens(crossing)
      const key = keyOf(collection, crossing.recordId)
      const { value } = await transaction.record(key)
      if (value && rule.closes)
        await assign(replica, transaction, key, collection, rule.closes(value, crossing))
    },
  })
}

async function assign(
  replica: ReplicaBase,
  transaction: Transaction,
  key: string,
  collection: string,
  value: JsonObject,
): Promise<void> {
  const parsed = replica.collections.get(collection)?.parse(value)
  if (!parsed) throw new TypeError(`a threshold opens ${key}, but there is no collection '${collection}'`)
  if ('issues' in parsed) {
    const issues = parsed.issues.map(({ path, message }) => `${path || '/'} ${message}`).join('; ')
    throw new TypeError(`a threshold's record ${key} does not fit its schema: ${issues}`)
  }
  await transaction.assign(key, { ...value, ...parsed.value })
}
