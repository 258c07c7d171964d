import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Interface, id } from 'ethers'
import { describe, expect, it } from 'vitest'
import { cTokenAbi, managerAbi, oracleAbi, readerAbi, registryAbi } from '../../../protocols/curvance/abi.ts'
import { type CurvanceArtifacts, loadCurvanceArtifacts } from '../../chain/curvance/compile.ts'

/**
 * Selector and the hash of what comes back, or the first topic of an event; taken from the official ABI files of Curvance's
 * SDK 5.8.0. The registry and the oracle have no published file.
 */
const OFFICIAL: Record<string, Record<string, string>> = {
  ProtocolReader: {
    centralRegistry: '0x8f73dcfa 0x421683f8',
    getDynamicMarketData: '0xa1c93f35 0xb724c7ba',
    getMarketSummaries: '0x02230f46 0x5937e1b4',
    getPositionHealth: '0x8165a216 0x0a9adc24',
    getStaticMarketData: '0x9c6d7ad4 0xc5160bad',
    liquidationValuesOf: '0xc677e2dc 0x209e921f',
  },
  MarketManagerIsolated: {
    accountAssets: '0x6dac9023 0xec13d6d1',
    actionsPaused: '0x699ba8b3 0x519b9cc4',
    assetsOf: '0x2c62fa10 0x23d8ff3d',
    AUCTION_BUFFER: '0x901941f9 0xec13d6d1',
    collateralCaps: '0x032886d9 0xec13d6d1',
    collConfig: '0xa2675bcd 0xd98928c2',
    liquidationPaused: '0xd53dc739 0x7bcdc9c6',
    MIN_HOLD_PERIOD: '0x003c8bd4 0xec13d6d1',
    MIN_LOAN_SIZE: '0x9b4e3822 0xec13d6d1',
    queryTokensListed: '0xafbe407a 0x23d8ff3d',
    redeemPaused: '0xb235d468 0x7bcdc9c6',
    PositionUpdated: '0x5cbb919307f3804aff990e94bdc923c0878589779d539552a35353302b8ed8e5',
    TokenConfigUpdated: '0x7118653a594971f43f27090077f0b05efeaf77dd61915894fa826f79ca0ab5b8',
    TokenListed: '0x017664858438d89f547fee46da0bcfc5396ea13a9fb1490b8fdd76cfa979f1a9',
  },
  BorrowableCToken: {
    asset: '0x38d52e0f 0x421683f8',
    balanceOf: '0x70a08231 0xec13d6d1',
    collateralPosted: '0xe28d591d 0xec13d6d1',
    debtBalance: '0x11005b07 0xec13d6d1',
    decimals: '0x313ce567 0x7bcdc9c6',
    exchangeRate: '0x3ba0b9a9 0xec13d6d1',
    isBorrowable: '0x45d7b97a 0xc1053bda',
    marketCollateralPosted: '0xdeee7704 0xec13d6d1',
    Borrow: '0xbec1750eb40c00e8dc2e1c84babbddd5779eaa06c951ab2c66416d05910e7a73',
    CollateralUpdated: '0x26d61a36a46ca0b5adc9f8ae98359690cb59381d060151d48afcfa01e079eda6',
    Liquidated: '0x6ee556dbce23a24ad3b539ee42191a2dd262b16ecb4d0ef20dbeb4bb5a9a2383',
    Repay: '0x21afd5f303208e3668ecf03cf3aa4036a5f71fbdd357478968cfd1502c25953d',
  },
  CentralRegistry: {
    marketManagers: '0x53312723 0x23d8ff3d',
    oracleManager: '0x565d878c 0x421683f8',
  },
  OracleManager: {
    getPrice: '0x5ae69163 0x57ec681c',
  },
}

const OURS: Record<string, Interface> = {
  ProtocolReader: readerAbi,
  MarketManagerIsolated: managerAbi,
  BorrowableCToken: cTokenAbi,
  CentralRegistry: registryAbi,
  OracleManager: oracleAbi,
}

const PUBLISHED = ['ProtocolReader', 'MarketManagerIsolated', 'BorrowableCToken']

const DOUBLES: Record<string, keyof CurvanceArtifacts> = {
  ProtocolReader: 'ProtocolReaderDouble',
  MarketManagerIsolated: 'MarketManagerDouble',
  BorrowableCToken: 'CTokenDouble',
  CentralRegistry: 'CentralRegistryDouble',
  OracleManager: 'OracleManagerDouble',
}

/** A folder with the official files; the committed list is checked in any case. */
const folder = process.env['BUOY_TEST_OFFICIAL_ABIS']

/** What the named parts of an interface look like on the wire; no event may have an indexed field. */
function shapesOf(abi: Interface, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const called = abi.getFunction(name)
      if (called) {
        const outputs = called.outputs.map((output) => output.format('sighash')).join()
        return [name, `${called.selector} ${id(outputs).slice(0, 10)}`]
      }
      const event = abi.getEvent(name)
      const indexed = event?.inputs.some((input) => input.indexed) === true
      return [name, event && !indexed ? event.topicHash : 'missing']
    }),
  )
}

function namesOf(abi: Interface): string[] {
  return abi.fragments.flatMap((fragment) => ('name' in fragment ? [String(fragment.name)] : []))
}

function publishedAbi(name: string): Interface {
  const text = readFileSync(join(folder ?? '', `abi-${name}.json`), 'utf8')
  return new Interface(text)
}

describe.each(Object.keys(OFFICIAL))('the ABI of %s', (name) => {
  const ours = OURS[name] ?? new Interface([])
  const committed = OFFICIAL[name] ?? {}

  it('has the selectors, outputs and topics that were published, and nothing that was not', () => {
    expect(shapesOf(ours, namesOf(ours))).toEqual(committed)
  })

  it('equals the official file where a folder with it is named', () => {
    const official =
      folder !== undefined && PUBLISHED.includes(name)
        ? shapesOf(publishedAbi(name), Object.keys(committed))
        : committed
    expect(official).toEqual(committed)
  })

  it('is what our double of it answers with', async () => {
    const artifacts = await loadCurvanceArtifacts()
    const { contractInterface } = artifacts[DOUBLES[name] ?? 'ProtocolReaderDouble']
    expect(shapesOf(contractInterface, Object.keys(committed))).toEqual(committed)
  }, 60_000)
})
