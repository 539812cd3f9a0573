import { readFileSync } from 'node:fs'
import { type Profiles, readProfiles } from './media/profiles.ts'

/** The profiles that a process knows, read once; what is wrong with the file is told all at once. */
export function loadProfiles(file: string | undefined): { profiles: Profiles; problems: string[] } {
  const content = file === undefined ? {} : readJson(file)
  if (content.problem !== undefined)
    return { profiles: readProfiles().profiles, problems: [`PROFILES_FILE: ${content.problem}`] }
  const { profiles, faults } = readProfiles(content.json)
  const problems = faults.map(({ path, message }) => `PROFILES_FILE: ${path === '' ? '' : `${path}: `}${message}`)
  return { profiles, problems }
}

function readJson(file: string): { json?: unknown; problem?: string } {
  try {
    return { json: JSON.parse(readFileSync(file, 'utf8')) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { problem: error instanceof SyntaxError ? `${file} is no JSON: ${why}` : `${file} cannot be read: ${why}` }
  }
}
