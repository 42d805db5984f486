/** Places in the log, and which transactions a snapshot shows. */

/** `16/B374D848` as a number that is ordered as the log is. */
export function lsnOf(text: string): bigint {
  const [high = '', low = ''] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

export const LSN = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/

const EPOCH = 1n << 32n

/** @param snapshot `xmin:xmax:xip,xip` of `pg_current_snapshot()` @param xid of a transaction that committed, 32 bits as the log has it */
export function isVisible(snapshot: string, xid: string): boolean {
  const [, xmax = '0', running = ''] = snapshot.split(':')
  const next = BigInt(xmax)
  const low = BigInt(xid)
  // The numbers went round since when it is ahead by more than half a round.
  const near = (next / EPOCH) * EPOCH + low
  const full = near - next > EPOCH / 2n ? near - EPOCH : next - near > EPOCH / 2n ? near + EPOCH : near
  return full < next && !running.split(',').includes(String(full))
}
