/** In what the systems differ that speak OData: defaults of the config, each of which can be set by itself. */

/** How a row is made so that making it twice makes one. */
export type CreateBy =
  /** PATCH to its address by external id, on condition that nothing is there; without an address as by `unique-field`. */
  | 'alternate-key'
  /** POST with a key that follows from the external id. */
  | 'known-id'
  /** POST; the service refuses a second row of one external id. */
  | 'unique-field'

interface Profile {
  /** Changes carry a token of the session. */
  csrf: boolean
  changes: 'delta' | 'modified'
  create: CreateBy
  batch: 'multipart' | 'json' | false
  /** `$select` holds for the rows that writes answer with. */
  selectsOnWrite: boolean
  /** How the parts of a batch are addressed: below the service, or from the origin on. */
  partAddress: 'below-service' | 'from-origin'
}

export const profiles = {
  sap: {
    csrf: true,
    changes: 'modified',
    create: 'known-id',
    batch: 'multipart',
    selectsOnWrite: false,
    partAddress: 'below-service',
  },
  dataverse: {
    csrf: false,
    changes: 'delta',
    create: 'alternate-key',
    batch: 'multipart',
    selectsOnWrite: true,
    partAddress: 'from-origin',
  },
  'business-central': {
    csrf: false,
    changes: 'delta',
    create: 'unique-field',
    batch: 'json',
    selectsOnWrite: false,
    partAddress: 'below-service',
  },
  plain: {
    csrf: false,
    changes: 'modified',
    create: 'unique-field',
    batch: false,
    selectsOnWrite: false,
    partAddress: 'below-service',
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
export const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]]
