import { StartFault } from '../errors.ts'
import { PLACE_HELP, runCommand } from './runCommand.ts'

const HELP = `Usage: npm run account -- create NAME

Creates an account, which shares nothing with others, and an admin token for it. The token is shown this once.

${PLACE_HELP}`

const exitCode = await runCommand(
  {
    help: HELP,
    options: [],
    async run([verb, name, ...more], _options, { access }) {
      if (verb !== 'create' || name === undefined || more.length > 0) throw new StartFault(HELP)
      const { accountId } = await access.createAccount(name)
      const request = { name: 'first admin token', role: 'ADMIN', expiresInSeconds: null } as const
      const { secret } = await access.create(accountId, request)
      return `account ${accountId}\ntoken   ${secret}`
    },
  },
  process.argv.slice(2),
)
process.exit(exitCode)
