import { findFirstAccount } from '../access/accounts.ts'
import { StartFault } from '../errors.ts'
import type { AccessTokenRoleName } from '../model/records.ts'
import type { AccessRoom } from './accessRoom.ts'
import { PLACE_HELP, runCommand } from './runCommand.ts'

const HELP = `Usage: npm run token -- create [options]

Creates an access token and prints it. It is shown this once.

  --account ID         account that it is for, twelve digits (the first one)
  --role ROLE          ADMIN; INVOKER for one that may invoke and nothing else; OPERATOR for one that
                       decides on the limits of all accounts and nothing else (ADMIN)
  --name TEXT          what it is for (made on the command line)
${PLACE_HELP}`

const exitCode = await runCommand(
  {
    help: HELP,
    options: ['account', 'role', 'name'],
    async run([verb = 'create', ...more], { account, role, name }, { access, prisma }) {
      if (verb !== 'create' || more.length > 0) throw new StartFault(HELP)
      const { secret } = await access.create(account ?? (await firstAccount(prisma)), {
        name: name ?? 'made on the command line',
        role: readRole(role ?? 'ADMIN'),
        expiresInSeconds: null,
      })
      return secret
    },
  },
  process.argv.slice(2),
)
process.exit(exitCode)

function readRole(text: string): AccessTokenRoleName {
  if (text === 'ADMIN' || text === 'INVOKER' || text === 'OPERATOR') return text
  throw new StartFault(`--role must be ADMIN, INVOKER or OPERATOR, not ${JSON.stringify(text)}`)
}

async function firstAccount(prisma: AccessRoom['prisma']): Promise<string> {
  const account = await findFirstAccount(prisma)
  if (account !== null) return account.accountId
  throw new StartFault('there is no account yet; start the service once, or run: npm run account -- create NAME')
}
