import { type Command, CommanderError } from 'commander'
import { isId } from '../core/ids.ts'
import { type Scope, scopes } from '../core/scopes.ts'
import { isTenant } from '../core/tenant.ts'

type Where = { data: string; json?: boolean }

/** `sluice keys create|list|revoke`. What does the work is loaded only when it is called. */
export function addKeysCommands(program: Command, dataOption: readonly [string, string, string]): void {
  const keys = program.command('keys').description('API keys')
  keys
    .command('create')
    .description('Make an API key; it is shown this once')
    .requiredOption('--tenant <name>', 'on whose behalf it acts', tenantName)
    .option('--scopes <names>', `some of ${scopes.join(',')}`, someScopes, ['assets', 'uploads'])
    .option('--name <text>', 'what it is for', shortText, 'cli')
    .option(...dataOption)
    .option('--json', 'print JSON')
    .action(async (options: Where & { tenant: string; scopes: Scope[]; name: string }) => {
      const { createKeyCommand } = await import('./keys.ts')
      await createKeyCommand(options)
    })
  keys
    .command('list')
    .description('Show the keys, without their secrets')
    .option('--tenant <name>', 'those of one tenant', tenantName)
    .option(...dataOption)
    .option('--json', 'print JSON')
    .action(async (options: Where & { tenant?: string }) => {
      const { listKeysCommand } = await import('./keys.ts')
      await listKeysCommand(options)
    })
  keys
    .command('revoke')
    .description('Make a key worthless, for good')
    .argument('<id>', 'as `sluice keys list` shows it', keyId)
    .option(...dataOption)
    .option('--json', 'print JSON')
    .action(async (id: string, options: Where) => {
      const { revokeKeyCommand } = await import('./keys.ts')
      await revokeKeyCommand({ id, ...options })
    })
}

function someScopes(text: string): Scope[] {
  return text.split(',').map((name) => {
    const scope = scopes.find((one) => one === name.trim())
    if (scope !== undefined) return scope
    throw new CommanderError(2, 'sluice.scope', `error: there is no scope "${name}"; there are ${scopes.join(', ')}`)
  })
}

function tenantName(text: string): string {
  if (isTenant(text)) return text
  throw new CommanderError(2, 'sluice.tenant', 'error: a tenant is named in lower-case letters, digits and dashes')
}

function shortText(text: string): string {
  if (text.length > 0 && text.length <= 100) return text
  throw new CommanderError(2, 'sluice.name', 'error: a name has 1 to 100 characters')
}

function keyId(text: string): string {
  if (isId(text)) return text
  throw new CommanderError(2, 'sluice.id', `error: "${text}" is no id of a key; see: sluice keys list`)
}
