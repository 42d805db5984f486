/** Fields that every row has and nobody writes. */
import type { FieldType } from './object-type.ts'

type SystemField = { type: FieldType | 'id'; label: string; column: string }

/** With the column of the table that holds them. */
export const systemFields: Readonly<Record<string, SystemField>> = {
  Id: { type: 'id', label: 'Record ID', column: 'id' },
  IsDeleted: { type: 'boolean', label: 'Deleted', column: 'deleted' },
  CreatedDate: { type: 'datetime', label: 'Created Date', column: 'createdAt' },
  CreatedById: { type: 'reference', label: 'Created By ID', column: 'createdBy' },
  LastModifiedDate: { type: 'datetime', label: 'Last Modified Date', column: 'modifiedAt' },
  LastModifiedById: { type: 'reference', label: 'Last Modified By ID', column: 'modifiedBy' },
  SystemModstamp: { type: 'datetime', label: 'System Modstamp', column: 'modifiedAt' },
}
