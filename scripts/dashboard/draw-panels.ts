export type Curve = { name: string; points: (readonly [at: number, value: number])[] }

const [width, height] = [380, 130]
const colours = ['#7eb26d', '#eab839', '#6ed0e0', '#ef843c', '#e24d42', '#1f78c1', '#ba43a9', '#705da0']
const clean = (text: string) => text.replace(/[&<>]/g, '')

/** A page with a small picture of each panel, for where no Grafana is. */
export function drawPanels(panels: { title: string; curves: Curve[] }[]): string {
  const parts = panels.map(({ title, curves }) =>
    curves.length === 0 ? `<h2>${clean(title)}</h2>` : `<figure><b>${clean(title)}</b>${drawing(curves)}</figure>`,
  )
  const style =
    'body{background:#111217;color:#ccd;font:12px sans-serif;display:flex;flex-wrap:wrap;gap:8px}h2{width:100%;margin:8px 0 0}figure{margin:0;padding:8px;background:#181b1f}svg{display:block}'
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>${parts.join('\n')}`
}

function drawing(curves: Curve[]): string {
  const all = curves.flatMap(({ points }) => points).filter(([, value]) => Number.isFinite(value))
  const [from, to] = [Math.min(...all.map(([at]) => at)), Math.max(...all.map(([at]) => at))]
  const most = Math.max(...all.map(([, value]) => value), 1e-9)
  const place = ([at, value]: readonly [number, number]) =>
    `${(((at - from) / Math.max(1, to - from)) * width).toFixed(1)},${(height - (value / most) * height).toFixed(1)}`
  const lines = curves.slice(0, 12).map(({ name, points }, n) => {
    const colour = colours[n % colours.length]
    const there = points.filter(([, value]) => Number.isFinite(value))
    const last = there.at(-1)?.[1]
    const said = `<span style="color:${colour}">${clean(name)} ${last === undefined ? '' : Number(last.toPrecision(3))}</span>`
    return { path: `<polyline fill="none" stroke="${colour}" points="${there.map(place).join(' ')}"/>`, said }
  })
  const svg = `<svg width="${width}" height="${height}">${lines.map(({ path }) => path).join('')}</svg>`
  return `${svg}<div style="width:${width}px">${lines.map(({ said }) => said).join(' · ')}</div>`
}
