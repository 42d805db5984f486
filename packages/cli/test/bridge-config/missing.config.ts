import config from './skerry.config.ts'

const [crm] = config.bridges as object[]

export default { ...config, bridges: [{ ...crm, mappings: 'missing.mapping.yaml' }] }
