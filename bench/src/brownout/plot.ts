/** One line of a chart: a value for each second. */
export interface Line {
  readonly name: string
  readonly color: string
  readonly values: readonly number[]
  readonly isOurs?: boolean
}

export interface Chart {
  readonly title: string
  readonly lines: readonly Line[]
  readonly maximum: number
}

const WIDTH = 560
const HEIGHT = 190
const LEFT = 46
const TOP = 34
const GAP_X = 40
const GAP_Y = 66

/** How a plot's time axis is drawn, in seconds. */
export interface TimeAxis {
  readonly from: number
  readonly to: number
  readonly troubleFrom: number
  readonly troubleTo: number
}

/** Charts two to a row over one time axis, with the trouble shaded and one legend for all. */
export function svg(charts: readonly Chart[], axis: TimeAxis): string {
  const rows = Math.ceil(charts.length / 2)
  const height = rows * (HEIGHT + GAP_Y) + TOP + 40
  const width = 2 * (WIDTH + GAP_X) + LEFT
  const body = charts.map((chart, i) =>
    draw(chart, axis, LEFT + (i % 2) * (WIDTH + GAP_X), TOP + Math.floor(i / 2) * (HEIGHT + GAP_Y)),
  )
  let x = LEFT
  const legend = (charts[0]?.lines ?? []).map((line) => {
    const y = height - 18
    const entry = `<path d="M${n(x)} ${y}h22" stroke="${line.color}" stroke-width="${line.isOurs ? 3.5 : 1.8}"/><text x="${n(x + 28)}" y="${y + 4}">${escape(line.name)}</text>`
    x += 60 + line.name.length * 7
    return entry
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">
<rect width="${width}" height="${height}" fill="#fff"/>
${body.join('\n')}
${legend.join('\n')}
</svg>
`
}

function draw(chart: Chart, axis: TimeAxis, left: number, top: number): string {
  const x = (second: number): number => left + ((second - axis.from) / (axis.to - axis.from)) * WIDTH
  const y = (value: number): number => top + HEIGHT - (Math.min(value, chart.maximum) / chart.maximum) * HEIGHT
  const parts = [
    `<rect x="${n(x(axis.troubleFrom))}" y="${top}" width="${n(x(axis.troubleTo) - x(axis.troubleFrom))}" height="${HEIGHT}" fill="#f3e4e0"/>`,
    `<text x="${left}" y="${top - 10}" font-weight="bold">${escape(chart.title)}</text>`,
  ]
  for (let step = 0; step <= 4; step++) {
    const value = (chart.maximum / 4) * step
    parts.push(
      `<path d="M${left} ${n(y(value))}h${WIDTH}" stroke="#ddd"/><text x="${left - 6}" y="${n(y(value) + 4)}" text-anchor="end">${n(value)}</text>`,
    )
  }
  for (let second = axis.from; second <= axis.to; second += 10) {
    parts.push(
      `<text x="${n(x(second))}" y="${top + HEIGHT + 16}" text-anchor="middle">${second - axis.troubleFrom} s</text>`,
    )
  }
  for (const line of chart.lines.toSorted((a, b) => Number(a.isOurs ?? false) - Number(b.isOurs ?? false))) {
    const points = line.values
      .map((value, second) => [second + 0.5, value] as const)
      .filter(([at]) => at >= axis.from && at <= axis.to)
      .map(([at, value]) => `${n(x(at))},${n(y(value))}`)
    parts.push(
      `<polyline points="${points.join(' ')}" fill="none" stroke="${line.color}" stroke-width="${line.isOurs ? 3.5 : 1.8}" stroke-linejoin="round"/>`,
    )
  }
  return parts.join('\n')
}

function n(value: number): string {
  return String(Math.round(value * 10) / 10)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
