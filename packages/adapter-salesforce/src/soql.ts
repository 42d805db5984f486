/** Queries: what is selected of a row, and values written so that nothing in them is read as a part of the query. */
import type { TypeConfig } from './config.ts'

/** Of every row, beside the configured fields. */
const systemFields = ['Id', 'IsDeleted', 'SystemModstamp', 'LastModifiedDate', 'LastModifiedById']

export function selectedFields({ externalId, fields }: TypeConfig): string[] {
  return [...new Set([...systemFields, externalId, ...fields])]
}

/** @param conditions joined by AND, beside the type's own */
export function selectSoql(
  type: string,
  config: TypeConfig,
  conditions: readonly string[],
  rest = '',
): string {
  const where = [...(config.where === undefined ? [] : [`(${config.where})`]), ...conditions].join(' AND ')
  const parts = [`SELECT ${selectedFields(config).join(', ')} FROM ${type}`, where && `WHERE ${where}`, rest]
  return parts.filter(Boolean).join(' ')
}

export function textLiteral(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}

/** Milliseconds since 1970, a whole second. */
export function timeLiteral(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** An id as Salesforce gives it: nothing else may stand in a query or an address. */
export function isRecordId(id: string): boolean {
  return /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(id)
}

/** The address of a query. `{id}` of the parts of a Composite stay as they are, so that they are filled in. */
export function queryPath(soql: string): string {
  return `/queryAll?q=${encodeURIComponent(soql).replace(/%40%7B([\w.]+)%7D/g, '@{$1}')}`
}
