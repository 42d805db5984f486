import { memoryBlobs } from '@skerry/blobs'
import { describe } from 'vitest'
import { blobStoreContract } from './store-contract.ts'

describe('in memory', () => blobStoreContract(async () => ({ store: memoryBlobs() })))
