import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** What a child of Node's reads when it runs a program of ours: our modules and those of others, and no data folder beside them. */
export const ownProgram = ['core', 'workers', 'node_modules', 'package.json'].map((name) => root + name)
