import { existsSync } from 'node:fs'
import { createApp } from './app.ts'
import { describeConfig, type LoadedConfig, loadConfig } from './config.ts'
import { ConfigError } from './errors.ts'
import { createLogger } from './ops/logger.ts'
import { secretsOfConfig } from './ops/scrub.ts'
import { runUntilStopped } from './ops/shutdown.ts'

/** The exit code that service managers know as "the configuration is wrong". */
const EXIT_CONFIG = 78

function configOrExit(): LoadedConfig {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(EXIT_CONFIG)
  }
}

const { config, warnings } = configOrExit()
const log = createLogger({
  level: config.logLevel,
  secrets: secretsOfConfig(config),
})
for (const warning of warnings) log.warn(warning)
log.info(describeConfig(config), 'starting')
await runUntilStopped({ app: createApp({ config, log }), log })
