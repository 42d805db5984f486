/** Whether a JPEG has a picture in it at all: browsers say the same of one that is garbage and of one that is too large for their memory, and only the latter may be the only one there is. */

/** Second byte of a marker (ITU T.81, table B.1). */
const MARKER = { tem: 0x01, restartFirst: 0xd0, restartLast: 0xd7, end: 0xd9, scan: 0xda } as const
/** Between the frames' markers, and none: tables, and an extension. */
const NO_FRAME: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc])

/** A frame's beginning is found where the segments before it lead, as in every JPEG that is whole up to there. */
export function hasJpegFrame(jpeg: Uint8Array): boolean {
  let at = 2
  for (;;) {
    if (jpeg[at] !== 0xff) return false
    while (jpeg[at] === 0xff) at += 1
    const marker = jpeg[at] ?? MARKER.end
    at += 1
    if (isFrame(marker)) return at < jpeg.length
    if (isAlone(marker)) continue
    const length = ((jpeg[at] ?? 0) << 8) | (jpeg[at + 1] ?? 0)
    if (marker === 0 || marker === MARKER.end || marker === MARKER.scan || length < 2) return false
    at += length
  }
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.has(marker)
}

/** Without a length and content. */
function isAlone(marker: number): boolean {
  return marker === MARKER.tem || (marker >= MARKER.restartFirst && marker <= MARKER.restartLast)
}
