/** How long tests wait for what must come: it is there at once on a quiet machine, and nobody knows when on a busy one. */
export const patienceMs = 30_000
