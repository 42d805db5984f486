/** The object types that are there without being declared: three of every organisation's own, and a custom one. Each has `Skerry_Id__c`, as an administrator adds it. */
import type { Compound, Field, ObjectType } from './object-type.ts'

const text = (length: number, more: Partial<Field> = {}): Field => ({ type: 'string', length, ...more })
const phone: Field = { type: 'phone', length: 40 }
const ours = text(128, { label: 'Skerry Id', unique: true, externalId: true })
const reference = (...referenceTo: string[]): Field => ({ type: 'reference', referenceTo })

/** The six fields of an address, and how they are told together. */
function address(prefix: string): { fields: Record<string, Field>; compound: Compound } {
  const part = (name: string) => `${prefix}${name}`
  return {
    fields: {
      [part('Street')]: { type: 'textarea', length: 255 },
      [part('City')]: text(40),
      [part('State')]: text(80),
      [part('PostalCode')]: text(20),
      [part('Country')]: text(80),
    },
    compound: {
      type: 'address',
      parts: {
        street: part('Street'),
        city: part('City'),
        state: part('State'),
        postalCode: part('PostalCode'),
        country: part('Country'),
      },
    },
  }
}

const billing = address('Billing')
const mailing = address('Mailing')

export const standardTypes: readonly ObjectType[] = [
  {
    name: 'Account',
    keyPrefix: '001',
    fields: {
      Name: text(255, { label: 'Account Name', required: true }),
      AccountNumber: text(40),
      Phone: phone,
      Website: { type: 'url', length: 255 },
      Rating: { type: 'picklist', values: ['Hot', 'Warm', 'Cold'] },
      AnnualRevenue: { type: 'currency', precision: 18, scale: 2 },
      NumberOfEmployees: { type: 'int', precision: 8, scale: 0 },
      Description: { type: 'textarea', length: 32_000 },
      ParentId: reference('Account'),
      ...billing.fields,
      Skerry_Id__c: ours,
    },
    compounds: { BillingAddress: billing.compound },
  },
  {
    name: 'Contact',
    keyPrefix: '003',
    fields: {
      FirstName: text(40),
      LastName: text(80, { required: true }),
      Email: { type: 'email', length: 80 },
      Phone: phone,
      Birthdate: { type: 'date' },
      AccountId: reference('Account'),
      ...mailing.fields,
      Skerry_Id__c: ours,
    },
    compounds: {
      Name: { type: 'name', parts: { FirstName: 'FirstName', LastName: 'LastName' } },
      MailingAddress: mailing.compound,
    },
  },
  {
    name: 'Case',
    keyPrefix: '500',
    fields: {
      Subject: text(255),
      Status: { type: 'picklist', values: ['New', 'Working', 'Escalated', 'Closed'] },
      Priority: { type: 'picklist', values: ['High', 'Medium', 'Low'] },
      Description: { type: 'textarea', length: 32_000 },
      AccountId: reference('Account'),
      ContactId: reference('Contact'),
      Skerry_Id__c: ours,
    },
  },
  {
    name: 'Visit__c',
    label: 'Visit',
    keyPrefix: 'a00',
    fields: {
      Name: text(80),
      Note__c: { type: 'textarea', length: 4_000 },
      Starts__c: { type: 'datetime' },
      Hours__c: { type: 'double', precision: 6, scale: 2 },
      Cost__c: { type: 'currency', precision: 18, scale: 2 },
      Done__c: { type: 'boolean' },
      Account__c: reference('Account'),
      /** Anybody may use a tag twice. */
      Tag__c: text(40, { externalId: true }),
      Skerry_Id__c: ours,
    },
  },
]
