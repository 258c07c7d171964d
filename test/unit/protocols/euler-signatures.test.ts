import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fragment, Interface } from 'ethers'
import { describe, expect, it } from 'vitest'
import { evcAbi, factoryAbi, oracleErrors, vaultAbi } from '../../../protocols/euler/abi.ts'

/** Selectors and topics as the official ABI files of 2026-06-16 give them. */
const COMMITTED: Record<string, string> = {
  'getCollaterals(address)': '0xa4d25d1e',
  'getControllers(address)': '0xfd6046d7',
  'getAccountOwner(address)': '0x442b172c',
  'batchSimulation((address,address,uint256,bytes)[])': '0x7f17c377',
  'ControllerStatus(address,address,bool)':
    '0x9919d437ee612d4ec7bba88a7d9bc4fc36a0a23608ad6259252711a46b708af9',
  'CollateralStatus(address,address,bool)':
    '0xf022705c827017c972043d1984cfddc7958c9f4685b4d9ce8bd68696f4381cd2',
  'AccountStatusCheck(address,address)': '0x889a4d4628b31342e420737e2aeb45387087570710d26239aa8a5f13d3e829d4',
  'accountLiquidity(address,bool)': '0xa824bf67',
  'accountLiquidityFull(address,bool)': '0xc7b0e3a3',
  'debtOf(address)': '0xd283e75f',
  'balanceOf(address)': '0x70a08231',
  'convertToAssets(uint256)': '0x07a2d13a',
  'asset()': '0x38d52e0f',
  'unitOfAccount()': '0x3e833364',
  'oracle()': '0x7dc0d1d0',
  'LTVLiquidation(address)': '0xaf5aaeeb',
  'LTVFull(address)': '0x33708d0c',
  'interestRate()': '0x7c3a00fd',
  'interestFee()': '0xa75df498',
  'caps()': '0x18e22d98',
  'cash()': '0x961be391',
  'totalBorrows()': '0x47bd3718',
  'GovSetLTV(address,uint16,uint16,uint16,uint48,uint32)':
    '0xc69392046c26324e9eee913208811542aabcbde6a41ce9ee3b45473b18eb3c76',
  'Liquidate(address,address,address,uint256,uint256)':
    '0x8246cc71ab01533b5bebc672a636df812f10637ad720797319d5741d5ebb3962',
  'E_NoLiability()': '0x43855d0f',
  'E_NotController()': '0x6d588708',
  'E_TransientState()': '0xae321632',
  'E_NoPriceOracle()': '0x5b923371',
  'E_Reentrancy()': '0x74f36063',
  'E_EmptyError()': '0x2082e200',
  'getProxyListLength()': '0x0a68b7ba',
  'isProxy(address)': '0x29710388',
  'PriceOracle_TooStale(uint256,uint256)': '0xa6e68d63',
  'PriceOracle_InvalidAnswer()': '0xd743df6a',
  'PriceOracle_NotSupported(address,address)': '0x4ca22af0',
  'PriceOracle_Overflow()': '0x52a1f2a0',
}

/** A folder with the published ABI files of Euler (abi-EVault.json and so on). */
const OFFICIAL = process.env['BUOY_TEST_OFFICIAL_ABIS']

const SOURCES = [
  { abi: evcAbi, file: 'abi-EthereumVaultConnector.json' },
  { abi: vaultAbi, file: 'abi-EVault.json' },
  { abi: factoryAbi, file: 'abi-GenericFactory.json' },
]
/** Errors of oracles are in no ABI file of a vault. */
const ALL = [...SOURCES.map(({ abi }) => abi), oracleErrors]

function idOf(abi: Interface, fragment: Fragment): string {
  const text = fragment.format('sighash')
  if (fragment.type === 'function') return abi.getFunction(text)?.selector ?? ''
  if (fragment.type === 'event') return abi.getEvent(text)?.topicHash ?? ''
  return abi.getError(text)?.selector ?? ''
}

/** Types, outputs and which fields are indexed; names do not matter on the chain. */
function shapeOf(fragment: Fragment): string {
  const { type, inputs, outputs = [] } = JSON.parse(fragment.format('json')) as Shape
  return JSON.stringify([type, inputs.map(fieldOf), outputs.map(fieldOf)])
}

interface Field {
  type: string
  indexed?: boolean
  components?: Field[]
}

interface Shape {
  type: string
  inputs: Field[]
  outputs?: Field[]
}

function fieldOf({ type, indexed = false, components = [] }: Field): unknown {
  return [type, indexed, components.map(fieldOf)]
}

describe('the signatures of Euler', () => {
  it('have the selectors and topics that are written down here', () => {
    const ours = Object.fromEntries(
      ALL.flatMap((abi) =>
        abi.fragments.map((fragment) => [fragment.format('sighash'), idOf(abi, fragment)]),
      ),
    )
    expect(ours).toEqual(COMMITTED)
  })

  it('have the shape of the published ABI files, or at least their selectors when no files are given', () => {
    for (const { abi, file } of SOURCES) {
      const official =
        OFFICIAL === undefined ? null : new Interface(readFileSync(join(OFFICIAL, file), 'utf8'))
      for (const fragment of abi.fragments) {
        const name = fragment.format('sighash')
        if (official === null) {
          expect(COMMITTED[name]).toBe(idOf(abi, fragment))
          continue
        }
        const theirs = official.fragments.find(
          (one) => one.type === fragment.type && one.format('sighash') === name,
        )
        expect(theirs && shapeOf(theirs), `${file} ${name}`).toBe(shapeOf(fragment))
      }
    }
  })
})
