import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openapiDocument } from '../../api/openapi/document.ts'
import { settings } from '../../core/settings.ts'
import { cliHelp } from './cli-help.ts'
import { clientTypes } from './client-types.ts'
import { errorsTable } from './errors-table.ts'
import { findUnread } from './find-unread.ts'
import { flawsTable } from './flaws-table.ts'
import { kindsTable } from './kinds-table.ts'
import { metricsTable } from './metrics-table.ts'
import { profilesTable } from './profiles-table.ts'
import { settingsTable, unreadSettingsTable } from './settings-tables.ts'
import { statesDiagram } from './states-diagram.ts'
import { threats } from './threats/all.ts'
import { threatsTable } from './threats-table.ts'
import { timingsTable } from './timings-table.ts'

/** The examples that pages show in whole. */
const shown = {
  'docs/uploads/curl.md': ['upload.sh'],
  'docs/uploads/python.md': ['upload.py'],
  'docs/uploads/tus-js-client.md': ['page.html'],
  'docs/uploads/your-backend.md': ['express.ts', 'fastify.ts'],
}

export type Page = { path: string; committed: string; wanted: string }

/** Every page with a made part: as it is, and as the code wants it. What people wrote around the part stays. */
export async function readPages({ root }: { root: string }): Promise<Page[]> {
  // The codes' remedies name settings, which is not reading them.
  const declaredIn = ['core/settings.ts', 'core/error-codes.ts', 'core/error-codes-of-work.ts', 'core/access-codes.ts']
  const unread = await findUnread({ root, names: Object.keys(settings), declaredIn })
  const made: Record<string, Record<string, string>> = {
    'docs/configuration.md': { settings: settingsTable({ unread }), unread: unreadSettingsTable({ unread }) },
    'docs/cli.md': { commands: cliHelp() },
    'docs/errors.md': { codes: errorsTable() },
    'docs/observability.md': { metrics: metricsTable() },
    'docs/profiles.md': { profiles: profilesTable() },
    'docs/security.md': {
      ...Object.fromEntries(Object.entries(threats).map(([part, rows]) => [part, threatsTable(rows)])),
      flaws: flawsTable(),
    },
    ...(await examples(root)),
    'docs/states.md': { states: statesDiagram(), kinds: kindsTable(), timings: timingsTable() },
  }
  const pages = await Promise.all(
    Object.entries(made).map(async ([path, parts]) => {
      const committed = await readFile(join(root, path), 'utf8')
      let wanted = committed
      for (const [name, body] of Object.entries(parts)) wanted = fill({ path, text: wanted, name, body })
      return { path, committed, wanted }
    }),
  )
  return [...pages, ...(await wholeFiles(root))]
}

async function examples(root: string): Promise<Record<string, Record<string, string>>> {
  const fenced = async (name: string) => {
    const text = await readFile(join(root, 'docs/examples', name), 'utf8')
    const [language = ''] = /(?<=\.)\w+$/.exec(name) ?? []
    return [name, `\`\`\`${{ py: 'python' }[language] ?? language}\n${text}\`\`\``]
  }
  const parts = Object.entries(shown).map(async ([path, names]) => [
    path,
    Object.fromEntries(await Promise.all(names.map(fenced))),
  ])
  return Object.fromEntries(await Promise.all(parts))
}

/** Made as a whole: the document of the API, for whoever generates clients from it without a running house, and the types of ours. */
function wholeFiles(root: string): Promise<Page[]> {
  const made = {
    'docs/openapi.json': `${JSON.stringify(openapiDocument(), null, 1)}\n`,
    'client/types.ts': clientTypes(),
  }
  return Promise.all(
    Object.entries(made).map(async ([path, wanted]) => {
      const committed = await readFile(join(root, path), 'utf8').catch(() => '')
      return { path, committed, wanted }
    }),
  )
}

/** Puts a made part between its two marks. */
function fill({ path, text, name, body }: { path: string; text: string; name: string; body: string }): string {
  const [start, end] = [`<!-- ${name}: made by npm run docs -->\n`, `\n<!-- end of ${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${path} has lost the marks of its part "${name}"`)
  return `${text.slice(0, from + start.length)}\n${body}\n${text.slice(to)}`
}
