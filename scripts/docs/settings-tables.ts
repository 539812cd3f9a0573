import { type Setting, settings } from '../../core/settings.ts'
import { table } from './table.ts'

/** The settings that something reads. */
export function settingsTable({ unread }: { unread: Set<string> }): string {
  return tableOf(Object.entries(settings).filter(([name]) => !unread.has(name)))
}

/** Those that are checked at start and that no code reads yet, found by looking, not by hand. */
export function unreadSettingsTable({ unread }: { unread: Set<string> }): string {
  return tableOf(Object.entries(settings).filter(([name]) => unread.has(name)))
}

function tableOf(entries: [string, Setting][]): string {
  return table({
    head: ['variable', 'default', 'what it does'],
    rows: entries.map(([name, setting]) => [`\`${name}\``, shown(setting), setting.about]),
  })
}

/** Words that stand for a default are prose; values are code. */
function shown({ shown }: Setting): string {
  if (shown === '') return 'not set'
  return /[ ']/.test(shown) || shown === 'AWS' ? shown : `\`${shown}\``
}
