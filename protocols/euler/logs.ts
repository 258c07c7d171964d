import { addressInTopic, wordsIn } from '../../src/chain/answers.ts'
import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { LogEvent, StrategyLogs } from '../strategy.ts'
import { evcAbi, vaultAbi } from './abi.ts'
import { prefixOf } from './accounts.ts'
import type { Known } from './known.ts'

const CONTROLLER_STATUS = evcAbi.getEvent('ControllerStatus')?.topicHash ?? ''
const COLLATERAL_STATUS = evcAbi.getEvent('CollateralStatus')?.topicHash ?? ''
const ACCOUNT_STATUS_CHECK = evcAbi.getEvent('AccountStatusCheck')?.topicHash ?? ''
const LIQUIDATE = vaultAbi.getEvent('Liquidate')?.topicHash ?? ''
const GOV_SET_LTV = vaultAbi.getEvent('GovSetLTV')?.topicHash ?? ''

const ACCOUNT_EVENTS: readonly string[] = [CONTROLLER_STATUS, COLLATERAL_STATUS, ACCOUNT_STATUS_CHECK]

export interface LogsDeps {
  readonly evc: Address
  readonly known: Known
  /** The vaults that were met and that Euler's factory made. */
  readonly followVaults: (at: ChainReader) => Promise<readonly Address[]>
}

/**
 * Events of the vault connector, which tell of every change to an account that borrows, and of the vaults that were met. They
 * name accounts, which are remembered for the next search; whose they are is known for owners met here, and told as a prefix
 * for all.
 */
export function createLogs({ evc, known, followVaults }: LogsDeps): StrategyLogs {
  function touched(account: Address, blockNumber: number): LogEvent[] {
    known.learnEvent({ account, blockNumber })
    const prefix = prefixOf(account)
    return [
      { kind: 'touchedPrefix', prefix },
      ...known.owners(prefix).map((owner) => ({ kind: 'touched', owner }) as const),
    ]
  }

  function fromConnector({ topics, blockNumber }: ChainLog): LogEvent[] {
    const [signature = '', account, other] = topics
    const address = addressInTopic(account)
    if (!ACCOUNT_EVENTS.includes(signature) || !address) return []
    const vault = addressInTopic(other)
    const events = touched(address, blockNumber)
    // Anybody can name any contract as a lender: only those of the owners here are worth a question to the factory.
    const ours = events.some(({ kind }) => kind === 'touched')
    if (ours && vault && signature !== COLLATERAL_STATUS) known.suggestVault(vault)
    return events
  }

  function fromVault({ address, topics, data, blockNumber }: ChainLog): LogEvent[] {
    if (!known.isVault(address)) return []
    const [signature, , violator] = topics
    if (signature === GOV_SET_LTV) return [{ kind: 'configChanged' }]
    const account = addressInTopic(violator)
    if (signature !== LIQUIDATE || !account) return []
    const [, repaid] = wordsIn(data, 3) ?? []
    return [
      ...touched(account, blockNumber),
      ...known.positions({ controller: address, account }).map(
        ({ owner, key }) =>
          ({
            kind: 'liquidated',
            owner,
            key,
            repaid: repaid === undefined ? null : { token: null, amountRaw: repaid },
            // Counted in shares of the collateral vault: no amount of a token that a person knows.
            seized: null,
          }) as const,
      ),
    ]
  }

  return {
    filter: async (at) => ({
      addresses: [evc, ...(await followVaults(at))],
      topics: [...ACCOUNT_EVENTS, LIQUIDATE, GOV_SET_LTV],
    }),
    decode: (log) => (log.address === evc ? fromConnector(log) : fromVault(log)),
  }
}
