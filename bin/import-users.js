// `npm run import-users`: takes over the users of an earlier lending bot.
import { runBuilt } from './built.js'

await runBuilt('src/import-users/main.js')
