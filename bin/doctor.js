// `npm run doctor`: checks what Buoy needs, and says what to change.
import { runBuilt } from './built.js'

await runBuilt('src/doctor/main.js')
