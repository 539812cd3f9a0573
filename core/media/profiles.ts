import { z } from 'zod'
import { builtInProfiles, defaultProfile } from './built-in-profiles.ts'
import { type Profile, profileName, profileParts, profileSchema } from './profile.ts'
import { type Fault, faultsOf } from './profile-faults.ts'

/** Every profile that can be asked for, by name. */
export type Profiles = ReadonlyMap<string, Profile>

const partly = <Shape extends z.core.$ZodLooseShape>(part: z.ZodObject<Shape, z.core.$strict>) =>
  z.union([part.partial(), z.literal(false)]).optional()

/** One profile as people write it: only what differs from the one that it extends. */
const writtenSchema = profileSchema
  .omit({ name: true })
  .partial()
  .extend({
    extends: profileName.optional(),
    video: partly(profileParts.video),
    audio: partly(profileParts.audio),
    images: partly(profileParts.images.extend({ web: partly(profileParts.images.shape.web.options[0]) })),
    thumbnails: partly(profileParts.thumbnails),
    mp4: partly(profileParts.mp4),
  })

type Written = z.infer<typeof writtenSchema>

const builtIn: Profiles = new Map(builtInProfiles.map((profile) => [profile.name, profile]))

/** Where the extended profile has a part switched off, these fill in what the file does not say. */
const whenOff = { ...defaultProfile, mp4: { shortSide: 720 } }

/** The built-in profiles and those of a file, whose names win. Every fault has its path in the file. */
export function readProfiles(file: unknown = {}): { profiles: Profiles; faults: Fault[] } {
  const faults: Fault[] = []
  const written = new Map<string, Written>()
  if (!isPart(file))
    return { profiles: builtIn, faults: [{ path: '', message: 'wants an object of profiles by name' }] }
  for (const [name, value] of Object.entries(file)) {
    const named = profileName.safeParse(name)
    const parsed = writtenSchema.safeParse(value)
    if (!named.success) faults.push(...faultsOf(named.error, [name]))
    if (!parsed.success) faults.push(...faultsOf(parsed.error, [name]))
    if (parsed.success) written.set(name, parsed.data)
  }
  for (const name of written.keys()) {
    const message = wrongBase({ name, written, known: (base) => Object.hasOwn(file, base) || builtIn.has(base) })
    if (message !== undefined) faults.push({ path: `${name}.extends`, message })
  }
  if (faults.length > 0) return { profiles: builtIn, faults }
  const own = [...written.keys()].map((name): [string, Profile] => [name, resolve(name, written)])
  return { profiles: new Map([...builtIn, ...own]), faults }
}

/** What a profile builds on. Its own name means the built-in one that it stands in for. */
const baseOf = (name: string, written: ReadonlyMap<string, Written>) => written.get(name)?.extends ?? 'default'

function wrongBase(options: {
  name: string
  written: ReadonlyMap<string, Written>
  known: (base: string) => boolean
}): string | undefined {
  const { name, written, known } = options
  const way = [name]
  for (let at = name; written.has(at); ) {
    const base = baseOf(at, written)
    if (base === at) return at === name && !builtIn.has(at) ? 'is the profile itself' : undefined
    if (way.includes(base)) return base === name ? `goes in a circle: ${[...way, base].join(', ')}` : undefined
    if (!known(base)) return at === name ? `there is no profile "${base}"` : undefined
    way.push(base)
    at = base
  }
  return undefined
}

function resolve(name: string, written: ReadonlyMap<string, Written>): Profile {
  const { extends: _, ...wishes } = written.get(name) ?? {}
  const base = baseOf(name, written)
  const below = base !== name && written.has(base) ? resolve(base, written) : builtIn.get(base)
  return profileSchema.parse({ ...merge(below, wishes, whenOff), name })
}

/** Parts are merged, lists are replaced whole. */
function merge(below: unknown, wishes: Record<string, unknown>, full: unknown): Record<string, unknown> {
  const fallback = isPart(full) ? full : {}
  const merged: Record<string, unknown> = { ...(isPart(below) ? below : fallback) }
  for (const [key, wish] of Object.entries(wishes))
    merged[key] = isPart(wish) ? merge(merged[key], wish, fallback[key]) : wish
  return merged
}

const isPart = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
