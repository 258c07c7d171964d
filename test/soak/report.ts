import type { SoakArguments } from './arguments.ts'
import type { Finding } from './flat.ts'
import type { LogWatch } from './log-watch.ts'
import type { Sample } from './sample.ts'
import type { Tally } from './scene.ts'

export interface Result extends SoakArguments {
  readonly samples: readonly Sample[]
  readonly findings: readonly Finding[]
  readonly tally: Tally
  readonly transitions: number
  readonly log: LogWatch
  /** Why the soak had to end early; `null` when it did not. */
  readonly broken: string | null
  /** Of the process, told to stop at the end. */
  readonly exitCode: number | null
}

const MAX_LISTED = 40
const WIDTH = 24

/** Whether every figure is flat, the process lived to the end and ended as told, and its log has nothing unexpected. */
export function isGreen({ findings, broken, exitCode, log }: Result): boolean {
  return (
    findings.every(({ flat }) => flat) && broken === null && exitCode === 0 && log.unexpected().size === 0
  )
}

/** Tables for people, then one line of JSON for machines. */
export function reportText(result: Result): string {
  const { tally, findings, log, samples, exitCode, broken } = result
  const unexpected = [...log.unexpected()]
  const figures = Object.fromEntries(
    findings.map(({ name, first, last }) => [name, [short(first), short(last)]]),
  )
  const json = {
    minutes: result.minutes,
    seed: result.seed,
    samples: samples.length,
    flat: findings.every(({ flat }) => flat),
    figures,
    transitions: result.transitions,
    faults: tally.faults,
    unexpected: unexpected.reduce((sum, [, count]) => sum + count, 0),
    exitCode,
    ok: isGreen(result),
  }
  return [
    row(['figure', 'after warm-up', 'at the end', 'limit', '']),
    ...findings.map(({ name, first, last, most, unit, flat }) =>
      row([
        name,
        `${short(first)} ${unit}`,
        `${short(last)} ${unit}`,
        `${short(most)} ${unit}`,
        flat ? '' : 'NOT FLAT',
      ]),
    ),
    '',
    ...tables(samples),
    '',
    `Days ${Math.round(tally.days)}, price moves ${tally.prices}, faults ${tally.faults}, messages typed ${tally.said}, buttons pressed ${tally.pressed}, alerts and other messages queued ${result.transitions}`,
    ...[...log.warned()].map(([msg, count]) => `  warned ${count} times: ${msg}`),
    ...unexpected.slice(0, MAX_LISTED).map(([msg, count]) => `! unexpected, ${count} times: ${msg}`),
    ...(broken === null ? [] : [`! ${broken}`]),
    ...(exitCode === 0 ? [] : [`! the process ended with code ${String(exitCode)}`]),
    JSON.stringify(json),
    '',
  ].join('\n')
}

/** One line while it runs. */
export function progressText({
  minute,
  sample,
  tally,
}: {
  minute: number
  sample: Sample
  tally: Tally
}): string {
  const { rss, heap, handles, files, database, rows, late, busy } = sample
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`
  const words = [
    `resident ${mb(rss)}`,
    `heap ${mb(heap)}`,
    `handles ${handles}`,
    `files ${files}`,
    `database ${mb(database)}`,
    `alerts ${rows['outbox'] ?? 0}`,
    `loop late p99 ${late.p99} ms, longest ${late.max} ms, of that busy ${busy.p99} and ${busy.max} ms`,
    `day ${Math.round(tally.days)}`,
  ]
  return `minute ${minute}: ${words.join(' · ')}\n`
}

/** Rows of each table at a third, at two thirds and at the end. */
function tables(samples: readonly Sample[]): string[] {
  const points = [1 / 3, 2 / 3, 1].map((share) => samples[Math.ceil(samples.length * share) - 1])
  const names = Object.entries(points.at(-1)?.rows ?? {}).flatMap(([name, count]) =>
    count > 0 ? [name] : [],
  )
  return [
    row(['rows of', 'at a third', 'two thirds', 'the end', '']),
    ...names.map((name) => row([name, ...points.map((sample) => String(sample?.rows[name] ?? 0)), ''])),
  ]
}

function row([name = '', ...cells]: readonly string[]): string {
  return (name.padEnd(WIDTH) + cells.map((cell) => cell.trim().padStart(15)).join('')).trimEnd()
}

function short(value: number): number {
  return Math.round(value * 10) / 10
}
