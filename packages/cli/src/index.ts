/** What a config file needs: `import { defineConfig } from '@skerry/cli'`. */
export { CliError } from './cli-error.ts'
export { checkConfig, defineConfig, type SkerryConfig } from './config.ts'
export { loadConfig } from './load-config.ts'
export { loadMappings } from './load-mappings.ts'
