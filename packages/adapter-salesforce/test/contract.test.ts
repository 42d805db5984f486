/** The adapter keeps the contract against the stand-in. */
import { adapterContract } from '@skerry/bridge/testing'
import { salesforceSubject } from './subject.ts'

adapterContract('adapter-salesforce', () => salesforceSubject({ events: true }))
