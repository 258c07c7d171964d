import { type Axis, momentLabel, tickLabel, timeTicks, valueAxis } from './axis.ts'
import { type Attributes, drawable, element, short } from './svg.ts'

/** `yieldPerYear`: a fraction; `null` where nothing could be read. */
export interface YieldPoint {
  readonly atMs: number
  readonly yieldPerYear: number | null
}

export interface YieldChart {
  /** The pool, chosen by strangers. */
  readonly title: string
  /** What the numbers are, for instance `Lending yield per year, without rewards`. */
  readonly subtitle: string
  /** In the order of time. */
  readonly points: readonly YieldPoint[]
  /** The user's own line, a fraction; `null` without one. */
  readonly line: number | null
}

export const CHART_WIDTH = 1200
export const CHART_HEIGHT = 760
/** The one family that the renderer brings along. */
export const CHART_FONT = 'DejaVu Sans'

const PLOT = { left: 130, right: 1150, top: 205, bottom: 610 }
const COLOUR = {
  paper: '#ffffff',
  ink: '#17202c',
  faint: '#5b6675',
  grid: '#e1e6ed',
  curve: '#1d5fd1',
  line: '#b45309',
}
const MAX_POINTS = 600
/** A pause of more than so many usual distances is a gap and drawn as one. */
const GAP_STEPS = 2.5
/** Widths of the heading, in parts of its font's size: what is left beside the number. */
const TITLE_EMS = 20
const SUBTITLE_EMS = 32
const TICKS = 4
const TIME_TICKS = 7

interface Known {
  readonly atMs: number
  readonly value: number
}

/** A yield over time as SVG, made to be read on a phone; `null` with fewer than two readings, which make no curve. */
export function yieldChart(chart: YieldChart): string | null {
  const points = thinned(chart.points)
  const known = points.flatMap(({ atMs, yieldPerYear: value }): Known[] =>
    value === null || !Number.isFinite(value) ? [] : [{ atMs, value: value * 100 }],
  )
  const [first] = known
  const last = known.at(-1)
  if (!first || !last || last.atMs <= first.atMs) return null
  const line = chart.line === null ? null : chart.line * 100
  const values = known.map(({ value }) => value)
  const axis = valueAxis(line === null ? values : [...values, line], TICKS)
  const time = { from: first.atMs, to: last.atMs }
  const x = (atMs: number): number =>
    PLOT.left + ((atMs - time.from) / (time.to - time.from)) * (PLOT.right - PLOT.left)
  const y = (value: number): number =>
    PLOT.bottom - ((value - axis.from) / (axis.to - axis.from)) * (PLOT.bottom - PLOT.top)
  const runs = runsOf(points).map((run) => run.map(({ atMs, value }) => ({ x: x(atMs), y: y(value) })))
  const parts = [
    element('rect', { at: { width: CHART_WIDTH, height: CHART_HEIGHT, fill: COLOUR.paper } }),
    ...heading(chart, last),
    ...grid(axis, y),
    ...dates(timeTicks(time, TIME_TICKS), x),
    ...runs.flatMap(curve),
    ...(line === null ? [] : ownLine(line, y(line))),
    element('circle', {
      at: {
        cx: x(last.atMs),
        cy: y(last.value),
        r: 11,
        fill: COLOUR.curve,
        stroke: COLOUR.paper,
        'stroke-width': 4,
      },
    }),
    ...footer(values, last),
  ]
  return element('svg', {
    at: {
      xmlns: 'http://www.w3.org/2000/svg',
      width: CHART_WIDTH,
      height: CHART_HEIGHT,
      viewBox: `0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`,
      'font-family': CHART_FONT,
    },
    children: parts.join(''),
  })
}

function heading({ title, subtitle }: YieldChart, last: Known): string[] {
  return [
    words(drawable(title, TITLE_EMS), { x: 50, y: 82, size: 42, bold: true }),
    words(drawable(subtitle, SUBTITLE_EMS), { x: 50, y: 136, size: 29, fill: COLOUR.faint }),
    words(percent(last.value), { x: PLOT.right, y: 82, size: 46, bold: true, end: true, fill: COLOUR.curve }),
    words('latest', { x: PLOT.right, y: 136, size: 29, end: true, fill: COLOUR.faint }),
  ]
}

function grid({ ticks }: Axis, y: (value: number) => number): string[] {
  const digits = digitsFor(ticks)
  return ticks.flatMap((tick) => [
    ruler({ y: y(tick), stroke: COLOUR.grid, 'stroke-width': 2 }),
    words(`${tick.toFixed(digits)}%`, {
      x: PLOT.left - 18,
      y: y(tick) + 10,
      size: 28,
      end: true,
      fill: COLOUR.faint,
    }),
  ])
}

function dates(ticks: readonly number[], x: (atMs: number) => number): string[] {
  return ticks.map((tick) =>
    words(tickLabel(tick, ticks), {
      x: Math.min(x(tick), PLOT.right - 45),
      y: PLOT.bottom + 48,
      size: 28,
      middle: true,
      fill: COLOUR.faint,
    }),
  )
}

function curve(run: readonly { x: number; y: number }[]): string[] {
  const [first] = run
  const last = run.at(-1)
  if (!first || !last) return []
  const steps = run.map((point) => `${short(point.x)} ${short(point.y)}`).join(' L ')
  if (run.length === 1) {
    return [element('circle', { at: { cx: first.x, cy: first.y, r: 5, fill: COLOUR.curve } })]
  }
  const area = `M ${short(first.x)} ${PLOT.bottom} L ${steps} L ${short(last.x)} ${PLOT.bottom} Z`
  return [
    element('path', { at: { d: area, fill: COLOUR.curve, 'fill-opacity': 0.1 } }),
    element('path', {
      at: {
        d: `M ${steps}`,
        fill: 'none',
        stroke: COLOUR.curve,
        'stroke-width': 5,
        'stroke-linejoin': 'round',
        'stroke-linecap': 'round',
      },
    }),
  ]
}

function ownLine(value: number, y: number): string[] {
  const text = `your line ${percent(value)}`
  // Below it where there is no room above.
  const at = y - PLOT.top < 46 ? y + 36 : y - 14
  return [
    ruler({ y, stroke: COLOUR.line, 'stroke-width': 3, 'stroke-dasharray': '14 10' }),
    words(text, { x: PLOT.left + 14, y: at, size: 28, bold: true, fill: COLOUR.line }),
  ]
}

function footer(values: readonly number[], last: Known): string[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const facts = `low ${percent(Math.min(...values))} · mean ${percent(mean)} · high ${percent(Math.max(...values))}`
  return [
    words(facts, { x: 50, y: CHART_HEIGHT - 34, size: 28 }),
    words(momentLabel(last.atMs), {
      x: PLOT.right,
      y: CHART_HEIGHT - 34,
      size: 26,
      end: true,
      fill: COLOUR.faint,
    }),
  ]
}

interface Words {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly bold?: boolean
  readonly end?: boolean
  readonly middle?: boolean
  readonly fill?: string
}

function words(text: string, how: Words): string {
  const anchor = how.end ? 'end' : how.middle ? 'middle' : 'start'
  const at: Attributes = {
    x: how.x,
    y: how.y,
    'font-size': how.size,
    fill: how.fill ?? COLOUR.ink,
    'text-anchor': anchor,
  }
  return element('text', { at: how.bold ? { ...at, 'font-weight': 'bold' } : at, text })
}

function ruler({ y, ...rest }: Attributes & { readonly y: number }): string {
  return element('line', { at: { x1: PLOT.left, x2: PLOT.right, y1: y, y2: y, ...rest } })
}

/** Two decimals where it matters. */
function percent(value: number): string {
  return `${value.toFixed(Math.abs(value) < 100 ? 2 : 0)} %`
}

function digitsFor(ticks: readonly number[]): number {
  return (
    [0, 1, 2, 3].find((digits) =>
      ticks.every((tick) => Math.abs(Number(tick.toFixed(digits)) - tick) < 1e-6),
    ) ?? 3
  )
}

/** Evenly fewer, never without the newest; a reading that failed stays a gap. */
function thinned(points: readonly YieldPoint[]): readonly YieldPoint[] {
  const every = Math.ceil(points.length / MAX_POINTS)
  return every <= 1 ? points : points.filter((_, index) => (points.length - 1 - index) % every === 0)
}

/** The pieces of the curve between gaps. */
function runsOf(points: readonly YieldPoint[]): Known[][] {
  const steps = points.slice(1).map(({ atMs }, index) => atMs - (points[index]?.atMs ?? atMs))
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0
  const runs: Known[][] = []
  let before: number | null = null
  for (const { atMs, yieldPerYear } of points) {
    if (yieldPerYear === null || !Number.isFinite(yieldPerYear)) {
      before = null
      continue
    }
    if (before === null || atMs - before > usual * GAP_STEPS) runs.push([])
    runs.at(-1)?.push({ atMs, value: yieldPerYear * 100 })
    before = atMs
  }
  return runs
}
