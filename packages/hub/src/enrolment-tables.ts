/** Where enrolment codes and enrolled devices stand in the hub's store. */
export const CODES_TABLE = 'enrolments'
export const DEVICES_TABLE = 'enrolled'
/** As the store names it. A code that was used after a backup would be new again after its restore (EN-11). */
export const CODES_IN_STORE = [`x:${CODES_TABLE}`]
