import { compressorContract } from '../test/compressor-contract.ts'
import { nodeCompressor } from './compressor-node.ts'

compressorContract('node', nodeCompressor)
