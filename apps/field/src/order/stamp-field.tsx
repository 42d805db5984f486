/** Where the technician stood, with how right that is. Asked of the device only when a button says so. */
import { putStamp, stampOf } from '@skerry/field-service/one-value'
import { useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { useWords } from '../words/use-words.ts'
import type { Order } from './order.ts'
import { useEdit } from './use-edit.ts'

/** Milliseconds a device may look for itself: a cold receiver takes half a minute. */
const LOOK_MS_MAX = 40_000

type Looking = 'no' | 'looking' | 'denied' | 'unavailable'

export function StampField({ order }: { order: Order }) {
  const words = useWords()
  const { edit, failed } = useEdit(order)
  const [looking, setLooking] = useState<Looking>('no')
  const stamp = stampOf(order)
  const take = () => {
    if (!('geolocation' in navigator)) return setLooking('unavailable')
    setLooking('looking')
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy }, timestamp }) => {
        setLooking('no')
        edit((draft) => {
          putStamp(draft, { latitude, longitude, accuracy, at: Math.round(timestamp) })
        })
      },
      ({ code }) =>
        setLooking(code === GeolocationPositionError.PERMISSION_DENIED ? 'denied' : 'unavailable'),
      { enableHighAccuracy: true, timeout: LOOK_MS_MAX, maximumAge: 0 },
    )
  }
  return (
    <>
      {stamp ? (
        <p>
          <strong dir="ltr">{words.stamp.at(stamp.latitude, stamp.longitude)}</strong>{' '}
          <span className="soft">{words.stamp.accuracy(stamp.accuracy, stamp.at)}</span>
        </p>
      ) : (
        <p className="soft">{words.stamp.none}</p>
      )}
      <button type="button" disabled={looking === 'looking'} onClick={take}>
        {looking === 'looking' ? words.stamp.taking : stamp ? words.stamp.again : words.stamp.take}
      </button>
      {(looking === 'denied' || looking === 'unavailable') && (
        <p className="banner warn" role="alert">
          {words.stamp[looking]}
        </p>
      )}
      <Failed reason={failed} />
    </>
  )
}
