/** The picture of each stage. */
import type { IconName } from '../pieces/icon.tsx'
import type { Stage } from './stage.ts'

export const stageIcons = { here: 'phone', hub: 'cloud', office: 'office' } as const satisfies Record<
  Stage,
  IconName
>
