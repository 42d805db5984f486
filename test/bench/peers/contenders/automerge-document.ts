/** A record as a document of automerge-repo. Its texts are immutable strings, which the last writer wins as in ours: collaborative ones would be larger and slower. From the entry without an engine, which pages load by themselves. */
import { ImmutableString } from '@automerge/automerge-repo/slim'
import { asFieldRecord, type FieldRecord } from '../src/field-record.ts'

export interface RecordDocument {
  title: ImmutableString
  status: ImmutableString
  site: ImmutableString
  notes: ImmutableString
  count: number
}

export function documentOf({ title, status, site, notes, count }: FieldRecord): RecordDocument {
  return {
    title: new ImmutableString(title),
    status: new ImmutableString(status),
    site: new ImmutableString(site),
    notes: new ImmutableString(notes),
    count,
  }
}

/** @throws TypeError when the document is not a whole record */
export function recordOf({ title, status, site, notes, count }: RecordDocument): FieldRecord {
  return asFieldRecord({ title: title?.val, status: status?.val, site: site?.val, notes: notes?.val, count })
}
