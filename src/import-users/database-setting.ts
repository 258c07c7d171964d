import type { DatabaseConfig } from '../../db/database.ts'
import { VARIABLES } from '../config-schema.ts'
import { type Environment, readVariable } from '../config-variable.ts'
import { ConfigError } from '../errors.ts'

/**
 * The one setting an import needs; the token and the rest may be missing. Throws ConfigError, without the value in it: a
 * database address may hold a password.
 */
export function readDatabaseSetting(env: Environment): DatabaseConfig {
  const read = readVariable(env, VARIABLES.database)
  if (read.ok) return read.value
  throw new ConfigError(`One setting is not usable:\n\n${read.mistake}\n\n.env.example explains it.`)
}
