/** The records are those of `npm run bench:peers`, by the same seed. */
export {
  asFieldRecord,
  editOf,
  type FieldRecord,
  fieldRecord,
  isSame,
  numberOf,
} from '../../peers/src/field-record.ts'
