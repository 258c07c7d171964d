// `npm start`: Buoy itself.
import { runBuilt } from './built.js'

await runBuilt('src/main.js')
