/** `@skerry/streams`: telemetry as numbered, immutable, compressed segments of readings. */

export { BUCKETS_PER_ANSWER_MAX, type Bucket, bucketsInRange } from './buckets.ts'
export type { Compressor } from './compressor.ts'
export { type OpenStreamsOptions, openStreams } from './log/open-streams.ts'
export {
  type BucketOptions,
  type BucketPage,
  READINGS_PER_PAGE_DEFAULT,
  READINGS_PER_PAGE_MAX,
  type ReadingPage,
  type ReadOptions,
  readStream,
  readStreamBuckets,
} from './log/read-stream.ts'
export { type SegmentKindOptions, segmentKind } from './log/segment-kind.ts'
export { SegmentMissing } from './log/stored-segment.ts'
export {
  channelsOfGateway,
  recordOfStream,
  type StreamChannels,
} from './log/stream-record.ts'
export { listStreams, STREAMS_LISTED_MAX, type StreamTotals, streamTotals } from './log/stream-totals.ts'
export { READINGS_WAITING_MAX, STREAMS_WRITTEN_MAX, type Streams } from './log/streams.ts'
export { StreamsError, type StreamsErrorCode } from './log/streams-error.ts'
export {
  type RecordedCrossing,
  startThresholds,
  THRESHOLDS_FOLLOWER,
  type ThresholdOptions,
  type Thresholds,
} from './log/thresholds.ts'
export { READINGS_PER_ANSWER_MAX, readingsInRange } from './range.ts'
export { RangeQueryError, type RangeQueryErrorCode } from './range-error.ts'
export {
  SEAL_POLICY_DEFAULT,
  Sealer,
  type SealPolicy,
  type SealReason,
  type StreamPosition,
} from './sealer.ts'
export {
  decodeSegment,
  encodeSegment,
  type Readings,
  type Segment,
  type UnencodedSegment,
} from './segment.ts'
export { SegmentError, type SegmentErrorCode } from './segment-error.ts'
export { readSegmentHeader, SEGMENT_FORMAT_VERSION, type SegmentHeader } from './segment-header.ts'
export {
  READINGS_PER_SEGMENT_MAX,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES_MAX,
  SEGMENT_NUMBER_MAX,
  STREAM_NAME_BYTES_MAX,
  TIME_MS_ABS_MAX,
} from './segment-limits.ts'
export { decodedSource, type SegmentSource, segmentSource } from './segment-source.ts'
export type { Statistics } from './statistics.ts'
export { matchesStream } from './stream-pattern.ts'
export {
  type Crossing,
  evaluateThreshold,
  openingId,
  THRESHOLD_STATE_AT_FIRST,
  type ThresholdState,
} from './threshold.ts'
export {
  checkedThresholdRule,
  READINGS_IN_A_ROW_MAX,
  RULE_NAME_LENGTH_MAX,
  type ThresholdRule,
  ThresholdRuleError,
} from './threshold-rule.ts'
export type { TimeRange } from './time-slice.ts'
