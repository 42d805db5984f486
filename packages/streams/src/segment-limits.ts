/**
 * The ceilings of the segment format, in one place: both sides of every border check against these. A segment comes
 * from another machine, so each number bounds what a hostile one can cost.
 */

/** Readings in one segment. 65,536 decode into two columns of 512 KiB each, in about a millisecond. */
export const READINGS_PER_SEGMENT_MAX = 65_536

/** UTF-8 bytes of a stream name: long enough for site/device/sensor paths, short enough for an index key. */
export const STREAM_NAME_BYTES_MAX = 256

/** Highest segment number: it is a u32 in the header. One segment a second lasts 136 years. */
export const SEGMENT_NUMBER_MAX = 0xffff_ffff

/**
 * Largest time, either side of 1970, in milliseconds (2^50, about 35,700 years). The zigzag of a difference of two
 * differences of such times still fits the 53 bits in which a JavaScript number is exact.
 */
export const TIME_MS_ABS_MAX = 2 ** 50

/** Largest scaled decimal k of k / 10^p: two zigzag bits below the 53 exact ones. */
export const DECIMAL_ABS_MAX = 2 ** 50

/** Most decimal places p that the decimal encoding tries: sensors report at most micro-units. */
export const DECIMAL_PLACES_MAX = 6

/** Bytes of one varint: 8 × 7 bits hold any 53-bit number. */
export const VARINT_BYTES_MAX = 8

/** Bytes one reading may take in each inflated column: a varint, or the 8 bytes of a float64. */
export const COLUMN_BYTES_PER_READING_MAX = 8

/** Bytes of the header before the stream name. */
export const SEGMENT_HEADER_FIXED_BYTES = 82

/** Bytes of the longest header: reading this many from the start of a stored segment is enough for its statistics. */
export const SEGMENT_HEADER_BYTES_MAX = SEGMENT_HEADER_FIXED_BYTES + STREAM_NAME_BYTES_MAX

/** Bytes of the largest segment: the longest header and two full columns that nothing made smaller. */
export const SEGMENT_BYTES_MAX =
  SEGMENT_HEADER_BYTES_MAX + READINGS_PER_SEGMENT_MAX * 2 * COLUMN_BYTES_PER_READING_MAX
