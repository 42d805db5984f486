/** The SAP profile's entity as SAP's own code generator would write it for `@sap-cloud-sdk/odata-v4`. */
import {
  CreateRequestBuilder,
  CustomField,
  type DefaultDeSerializers,
  DeleteRequestBuilder,
  defaultDeSerializers,
  Entity,
  type EntityApi,
  entityBuilder,
  FieldBuilder,
  GetAllRequestBuilder,
  GetByKeyRequestBuilder,
  RequestBuilder,
  UpdateRequestBuilder,
} from '@sap-cloud-sdk/odata-v4'
import { sap } from '../../src/odata/profiles/sap.ts'

export class Visit extends Entity {
  static override _entityName = 'Visits'
  static override _defaultBasePath = sap.root
  static _keys = ['VisitUUID']
  declare visitUuid: string
  declare title: string
  declare note: string | null
  declare cost: { toFixed: (digits: number) => string } | null
  declare externalReference: string | null
  declare lastChangedAt: { toISOString: () => string }
  declare readonly _entityApi: VisitsApi
}

class VisitsRequestBuilder extends RequestBuilder<Visit, DefaultDeSerializers> {
  declare entityApi: VisitsApi

  getAll() {
    return new GetAllRequestBuilder<Visit, DefaultDeSerializers>(this.entityApi)
  }

  getByKey(visitUuid: string) {
    return new GetByKeyRequestBuilder<Visit, DefaultDeSerializers>(this.entityApi, { VisitUUID: visitUuid })
  }

  create(visit: Visit) {
    return new CreateRequestBuilder<Visit, DefaultDeSerializers>(this.entityApi, visit)
  }

  update(visit: Visit) {
    return new UpdateRequestBuilder<Visit, DefaultDeSerializers>(this.entityApi, visit)
  }

  delete(visit: Visit) {
    return new DeleteRequestBuilder<Visit, DefaultDeSerializers>(this.entityApi, visit)
  }
}

export class VisitsApi implements EntityApi<Visit, DefaultDeSerializers> {
  readonly deSerializers = defaultDeSerializers
  readonly entityConstructor = Visit
  readonly schema

  constructor() {
    const fields = new FieldBuilder(Visit, this.deSerializers)
    this.schema = {
      VISIT_UUID: fields.buildEdmTypeField('VisitUUID', 'Edm.Guid', false),
      TITLE: fields.buildEdmTypeField('Title', 'Edm.String', false),
      NOTE: fields.buildEdmTypeField('Note', 'Edm.String', true),
      COST: fields.buildEdmTypeField('Cost', 'Edm.Decimal', true),
      EXTERNAL_REFERENCE: fields.buildEdmTypeField('ExternalReference', 'Edm.String', true),
      LAST_CHANGED_AT: fields.buildEdmTypeField('LastChangedAt', 'Edm.DateTimeOffset', false, 7),
    }
  }

  requestBuilder() {
    return new VisitsRequestBuilder(this)
  }

  entityBuilder() {
    return entityBuilder<Visit, DefaultDeSerializers>(this)
  }

  customField<NullableT extends boolean>(name: string, nullable?: NullableT) {
    return new CustomField(name, this.entityConstructor, this.deSerializers, nullable) as never
  }
}
