import { z } from 'zod'
import type { DatabaseConfig } from '../db/database.ts'
import { parseAddress } from './chain/address.ts'
import type { EndpointSpec } from './chain/endpoint.ts'
import type { Variable } from './config-variable.ts'
import type { Address } from './domain/address.ts'

// How the text of a setting is read. A reader answers `undefined` for unusable text.

export function variable<T>(definition: Variable<T>): Variable<T> {
  return definition
}

export function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Adapts a reader that answers `undefined` for unusable text. */
export function read<T>(reader: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const value = reader(text)
    if (value === undefined) {
      context.addIssue({ code: 'custom', message: 'not usable' })
      return z.NEVER
    }
    return value
  })
}

export function integer(min: number, max: number): z.ZodType<number, string> {
  return read((text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : undefined
  })
}

export function address(text: string): Address | undefined {
  const parsed = parseAddress(text)
  return parsed.ok ? parsed.address : undefined
}

export function addresses(text: string): readonly Address[] | undefined {
  const items = list(text).map(address)
  return items.length > 0 && items.every((item) => item !== undefined) ? items : undefined
}

export function httpUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? text.replace(/\/+$/, '') : undefined
}

/** A name or an address to listen on. */
export function bindHost(text: string): string | undefined {
  return /^[\w.:-]{1,253}$/.test(text) ? text : undefined
}

export function onOff(text: string): boolean | undefined {
  if (/^(1|true|on|yes)$/i.test(text)) return true
  return /^(0|false|off|no)$/i.test(text) ? false : undefined
}

/** `null` for nothing: then there is no such service. */
export const optionalUrl = z.string().transform((text, context) => {
  const url = text === '' ? null : httpUrl(text)
  if (url !== undefined) return url
  context.addIssue({ code: 'custom', message: 'not usable' })
  return z.NEVER
})

/** `null` for nothing: then it is done without. */
export const optionalAddress = z.string().transform((text, context) => {
  const parsed = text === '' ? null : address(text)
  if (parsed !== undefined) return parsed
  context.addIssue({ code: 'custom', message: 'not usable' })
  return z.NEVER
})

const ENDPOINT_DEFAULTS = { rps: 10, batch: 1, gas: 30_000_000, logs: 100 }

/** `url;rps=25;batch=100;gas=200000000;logs=100`. What is not said is assumed to be little. */
function endpointSpec(text: string): EndpointSpec | undefined {
  const [url = '', ...options] = text.split(';').map((part) => part.trim())
  if (httpUrl(url) === undefined) return undefined
  const limits = { ...ENDPOINT_DEFAULTS }
  for (const option of options) {
    const match = /^(rps|batch|gas|logs)=(\d{1,12})$/.exec(option)
    if (!match || Number(match[2]) === 0) return undefined
    limits[match[1] as keyof typeof limits] = Number(match[2])
  }
  return {
    url,
    requestsPerSecond: limits.rps,
    batchSize: limits.batch,
    gasPerCall: BigInt(limits.gas),
    logBlocks: limits.logs,
  }
}

export function endpointSpecs(text: string): readonly EndpointSpec[] | undefined {
  const specs = list(text).map(endpointSpec)
  return specs.length > 0 && specs.every((spec) => spec !== undefined) ? specs : undefined
}

/** Monad's public endpoints with the limits their operators state. */
export const PUBLIC_RPC = [
  'https://rpc.monad.xyz;rps=25;batch=100;gas=200000000;logs=100',
  'https://rpc1.monad.xyz;rps=15;batch=100;gas=200000000;logs=1000',
  'https://rpc2.monad.xyz;rps=30;batch=10;gas=30000000;logs=100',
  'https://rpc3.monad.xyz;rps=30;batch=10;gas=200000000;logs=1000',
  'https://rpc-mainnet.monadinfra.com;rps=20;batch=1;gas=200000000;logs=100',
].join(',')

export function databaseUrl(text: string): DatabaseConfig | undefined {
  if (text.startsWith('file:') && text.length > 'file:'.length)
    return { kind: 'sqlite', path: text.slice('file:'.length) }
  return /^postgres(ql)?:\/\/./.test(text) && URL.canParse(text) ? { kind: 'postgres', url: text } : undefined
}

export function ids(text: string): readonly number[] | undefined {
  const items = list(text).map((item) => (/^\d{1,16}$/.test(item) ? Number(item) : Number.NaN))
  return items.every((item) => Number.isSafeInteger(item) && item > 0) ? items : undefined
}

/** Groups and channels have negative ids. */
export function chatIds(text: string): readonly number[] | undefined {
  const items = list(text).map((item) => (/^-?\d{1,16}$/.test(item) ? Number(item) : Number.NaN))
  return items.every((item) => Number.isSafeInteger(item) && item !== 0) ? items : undefined
}
