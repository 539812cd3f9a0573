type Last = () => Promise<unknown>

const lasts: Last[] = []

/** Runs after the last test and the last hook of this file; callable from anywhere in it, from inside a test too. */
export function atEnd(last: Last): void {
  lasts.push(last)
}

export async function runLasts(): Promise<void> {
  for (const last of lasts.splice(0).reverse()) await last()
}
