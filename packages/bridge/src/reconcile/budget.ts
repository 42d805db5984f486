/** What a walk asks before it calls the system, so that what people wait for goes first (SPEC B-122). */
export interface WalkBudget {
  /** @returns milliseconds to wait before asking again; 0: these units are spent now */
  allow(units: number, tier: 'analytical'): number
}

export const unlimited: WalkBudget = { allow: () => 0 }
