/** The adapter keeps the contract against the stand-in. */
import { adapterContract } from '@skerry/bridge/testing'
import { hubspotSubject } from './subject.ts'

adapterContract('adapter-hubspot', hubspotSubject)
