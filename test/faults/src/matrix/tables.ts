/** All tables that the tests are held against. */
import { capabilityTable } from './capability-table.ts'
import { faultTable } from './fault-table.ts'
import type { Table } from './table.ts'

export const tables: readonly Table[] = [faultTable, capabilityTable]
