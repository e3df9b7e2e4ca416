import { compose } from './compose.ts'
import { run } from './lifecycle.ts'

// Ends the process even where a library keeps a handle open: everything that must be kept is on the disk by now.
process.exit(await run(process.argv.slice(2), compose))
