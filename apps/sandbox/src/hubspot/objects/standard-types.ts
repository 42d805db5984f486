/** The object types that are there without being declared: three of every account's own, and a custom one. Each has `skerry_id`, as an administrator adds it. */
import type { ObjectType, Property } from './object-type.ts'

const text: Property = { type: 'string', fieldType: 'text' }
const ours: Property = { ...text, label: 'Skerry Id', hasUniqueValue: true }

/** `email` is unique too, but for contacts the first unique property is ours. */
export const standardTypes: readonly ObjectType[] = [
  {
    name: 'contacts',
    objectTypeId: '0-1',
    label: 'Contacts',
    properties: {
      skerry_id: ours,
      email: { ...text, hasUniqueValue: true },
      firstname: text,
      lastname: text,
      phone: text,
      city: text,
      birthday: { type: 'date', fieldType: 'date' },
      lifecyclestage: {
        type: 'enumeration',
        fieldType: 'radio',
        options: ['subscriber', 'lead', 'opportunity', 'customer'],
      },
    },
    defaults: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
  },
  {
    name: 'companies',
    objectTypeId: '0-2',
    label: 'Companies',
    properties: {
      skerry_id: ours,
      name: text,
      domain: text,
      phone: text,
      city: text,
      description: { type: 'string', fieldType: 'textarea' },
      annualrevenue: { type: 'number', fieldType: 'number', showCurrencySymbol: true },
      numberofemployees: { type: 'number', fieldType: 'number' },
    },
    defaults: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
  },
  {
    name: 'deals',
    objectTypeId: '0-3',
    label: 'Deals',
    properties: {
      skerry_id: ours,
      dealname: text,
      amount: { type: 'number', fieldType: 'number', showCurrencySymbol: true },
      closedate: { type: 'datetime', fieldType: 'date' },
      pipeline: { type: 'enumeration', fieldType: 'select', options: ['default'] },
      dealstage: {
        type: 'enumeration',
        fieldType: 'radio',
        options: ['appointmentscheduled', 'qualifiedtobuy', 'closedwon', 'closedlost'],
      },
    },
    defaults: [
      'amount',
      'closedate',
      'createdate',
      'dealname',
      'dealstage',
      'hs_lastmodifieddate',
      'hs_object_id',
      'pipeline',
    ],
  },
  {
    name: 'visits',
    objectTypeId: '2-4242',
    label: 'Visits',
    properties: {
      skerry_id: ours,
      title: text,
      note: { type: 'string', fieldType: 'textarea' },
      starts: { type: 'datetime', fieldType: 'date' },
      hours: { type: 'number', fieldType: 'number' },
      done: { type: 'bool', fieldType: 'booleancheckbox', options: ['true', 'false'] },
      parts: { type: 'enumeration', fieldType: 'checkbox', options: ['pump', 'valve', 'seal'] },
    },
    defaults: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id', 'title'],
    required: ['title'],
  },
]
