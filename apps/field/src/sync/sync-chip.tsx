/** The chip in the bar: how far the newest work has come, and whether there is a line to the hub. It opens the details. */
import type { SyncState } from '@skerry/live'
import { useState } from 'react'
import { PLACES } from '../order/order.ts'
import { useTouched } from '../order/use-touched.ts'
import { Icon } from '../pieces/icon.tsx'
import { useStanding } from '../replica/use-states.ts'
import { useFormat, useWords } from '../words/use-words.ts'
import { stageOf } from './stage.ts'
import { stageIcons } from './stage-icons.ts'
import { SyncSheet } from './sync-sheet.tsx'

export function SyncChip({ sync }: { sync: SyncState | undefined }) {
  const words = useWords()
  const format = useFormat()
  const [isOpen, setOpen] = useState(false)
  const standing = useStanding(useTouched()[0]?.id, PLACES)
  const stage = stageOf(sync, standing)
  const isOff = sync !== undefined && sync.phase !== 'open'
  const pending = sync?.pending ?? 0
  return (
    <>
      <button type="button" className={`chip ${stage}`} onClick={() => setOpen(true)} aria-haspopup="dialog">
        <Icon name={stageIcons[stage]} />
        <span className="chip-words">
          <span>{words.sync[stage]}</span>
          {isOff && <small>{words.sync.phaseShort[sync.phase]}</small>}
        </span>
        {pending > 0 && (
          <>
            <span className="chip-count" aria-hidden="true">
              {format.number(pending)}
            </span>
            <span className="only-read-out">{words.sync.pending(pending)}</span>
          </>
        )}
      </button>
      {isOpen && <SyncSheet sync={sync} stage={stage} closed={() => setOpen(false)} />}
    </>
  )
}
