import { VARIABLES } from '../config-schema.ts'

/** The setting that holds the address of the API that a text speaks of, such as "Morpho's API"; `null` for none. */
export function apiSetting(text: string): string | null {
  if (!/\b(API|subgraph|indexer)\b/i.test(text)) return null
  const words = text.toUpperCase().split(/[^A-Z0-9]+/)
  const setting = Object.values(VARIABLES).find(({ name }) => {
    const [, protocol = '', ...rest] = name.split('_')
    return rest.at(-1) === 'URL' && rest.length > 1 && words.includes(protocol)
  })
  return setting?.name ?? null
}
