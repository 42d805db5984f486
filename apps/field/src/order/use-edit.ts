/** Editing the order that a component shows. */
import { useCallback } from 'react'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { type Draft, editOrder } from './edit.ts'
import type { Order } from './order.ts'

export interface Editing {
  edit(change: (draft: Draft) => void): void
  isRunning: boolean
  failed: string | undefined
}

export function useEdit(order: Order): Editing {
  const replica = useReplica()
  const { run, isRunning, failed } = useAction()
  const edit = useCallback(
    (change: (draft: Draft) => void) => run(() => editOrder(replica, order, change)),
    [replica, order, run],
  )
  return { edit, isRunning, failed }
}
