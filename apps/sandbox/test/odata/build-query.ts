/** The query strings of `odata-query`. Its types say that it is a CommonJS module; it is loaded as what it exports. */
import odataQuery from 'odata-query'

export const buildQuery = odataQuery as unknown as typeof odataQuery.default
