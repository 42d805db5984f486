/** The adapter keeps the contract against the stand-in in each of its profiles. */
import { adapterContract } from '@skerry/bridge/testing'
import { odataSubject } from './subject.ts'

adapterContract(
  'adapter-odata, SAP: CSRF, entity tags, keys that follow from external ids, multipart batches',
  () => odataSubject('sap'),
)

adapterContract('adapter-odata, Dataverse: alternate keys, delta links, change sets', () =>
  odataSubject('dataverse'),
)

adapterContract('adapter-odata, Business Central: delta links, unique fields, batches as JSON', () =>
  odataSubject('business-central'),
)

adapterContract('adapter-odata, plain: no entity tags, one write a call', () =>
  odataSubject('plain', {
    adapter: { versions: 'digest' },
    service: { settings: { etags: false } },
    lacks: {
      compareAndSet: 'a service without entity tags compares nothing',
      batch: 'nobody knows what batches a service takes until its owner says so',
    },
  }),
)
