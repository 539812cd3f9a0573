/** Numbers as people say them. */
const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

export function bytes(amount: number): string {
  const power = Math.min(units.length - 1, amount < 1 ? 0 : Math.floor(Math.log10(amount) / 3))
  const number = amount / 1000 ** power
  return `${power > 0 && number < 100 ? number.toFixed(1) : Math.round(number)} ${units[power]}`
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown'
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3_600) return `${(seconds / 3_600).toFixed(1)} h`
  return `${(seconds / 86_400).toFixed(1)} days`
}

export const ago = (date: Date, now = Date.now()) => `${duration(Math.max(0, now - date.getTime()) / 1_000)} ago`

export const count = (number: number, one: string, many = `${one}s`) =>
  `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`
