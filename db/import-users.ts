import type { Address } from '../src/domain/address.ts'
import { ensureChat } from './chats.ts'
import type { Database, Executor, ThresholdsTable } from './schema.ts'
import { transact } from './transact.ts'
import { type ThresholdKey, thresholdsOf } from './watches.ts'

/** Wallets per transaction: short enough that a running Buoy is hardly held up. */
const WALLETS_PER_TRANSACTION = 200
const ROWS_PER_STATEMENT = 500

export interface ImportedThreshold {
  readonly scope: 'wallet' | 'protocol' | 'position'
  readonly target: string
  readonly warningWad: bigint
}

export interface ImportedWallet {
  readonly owner: Address
  readonly thresholds: readonly ImportedThreshold[]
}

/** A chat with its wallets, each wallet once, each threshold of a wallet once. */
export interface ImportedChat {
  readonly id: number
  readonly wallets: readonly ImportedWallet[]
}

export interface UserImport {
  readonly chats: readonly ImportedChat[]
  readonly nowMs: number
  /** Does everything and takes it back. */
  readonly dryRun: boolean
}

/** A threshold that Buoy has with another value; Buoy's stays. */
export interface KeptThreshold {
  readonly chatId: number
  readonly owner: Address
  readonly scope: ImportedThreshold['scope']
  readonly target: string
  readonly storedWad: bigint
  readonly fileWad: bigint
}

export interface Tally {
  readonly added: number
  readonly present: number
}

export interface ImportOutcome {
  readonly chats: Tally
  readonly wallets: Tally
  readonly thresholds: Tally
  readonly kept: readonly KeptThreshold[]
}

interface Item {
  readonly chatId: number
  readonly wallet: ImportedWallet | null
}

interface ChunkOutcome {
  readonly addedChats: ReadonlySet<number>
  readonly wallets: Tally
  readonly thresholds: Tally
  readonly kept: readonly KeptThreshold[]
}

class TakenBack extends Error {
  override readonly name = 'TakenBack'
}

/**
 * Adds chats, wallets and thresholds that are not there yet and changes nothing that is. Works in short transactions, each
 * of which is complete in itself: after a crash in the middle the same import does the rest.
 */
export async function importUsers(db: Database, users: UserImport): Promise<ImportOutcome> {
  const items = users.chats.flatMap(({ id, wallets }): Item[] =>
    wallets.length === 0 ? [{ chatId: id, wallet: null }] : wallets.map((wallet) => ({ chatId: id, wallet })),
  )
  const chats = { seen: new Set<number>(), added: 0 }
  const wallets = { added: 0, present: 0 }
  const thresholds = { added: 0, present: 0 }
  const kept: KeptThreshold[] = []
  for (let start = 0; start < items.length; start += WALLETS_PER_TRANSACTION) {
    const chunk = items.slice(start, start + WALLETS_PER_TRANSACTION)
    const outcome = await runChunk(db, { chunk, users })
    for (const { chatId } of chunk) {
      // A chat with many wallets is in several chunks; only the first of them finds it new.
      if (chats.seen.has(chatId)) continue
      chats.seen.add(chatId)
      if (outcome.addedChats.has(chatId)) chats.added += 1
    }
    wallets.added += outcome.wallets.added
    wallets.present += outcome.wallets.present
    thresholds.added += outcome.thresholds.added
    thresholds.present += outcome.thresholds.present
    for (const threshold of outcome.kept) kept.push(threshold)
  }
  return {
    chats: { added: chats.added, present: chats.seen.size - chats.added },
    wallets,
    thresholds,
    kept,
  }
}

async function runChunk(
  db: Database,
  { chunk, users }: { chunk: readonly Item[]; users: UserImport },
): Promise<ChunkOutcome> {
  const work = (tx: Executor) => applyChunk(tx, { chunk, nowMs: users.nowMs })
  if (!users.dryRun) return transact(db, work)
  let outcome: ChunkOutcome | undefined
  try {
    await transact(db, async (tx) => {
      outcome = await work(tx)
      throw new TakenBack('dry run')
    })
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
  }
  if (!outcome) throw new Error('a dry run ended without an outcome')
  return outcome
}

async function applyChunk(
  tx: Executor,
  { chunk, nowMs }: { chunk: readonly Item[]; nowMs: number },
): Promise<ChunkOutcome> {
  const addedChats = await addChats(tx, { ids: [...new Set(chunk.map(({ chatId }) => chatId))], nowMs })
  const found = chunk.flatMap(({ chatId, wallet }) => (wallet ? [{ chatId, wallet }] : []))
  const { ids, added } = await addWatches(tx, { found, nowMs })
  const wanted = found.flatMap(({ chatId, wallet }) => {
    const watchId = ids.get(watchKey({ chatId, owner: wallet.owner }))
    if (watchId === undefined) throw new Error('a wallet vanished while it was imported')
    return wallet.thresholds.map((threshold) => ({ chatId, owner: wallet.owner, watchId, ...threshold }))
  })
  return {
    addedChats,
    wallets: { added, present: found.length - added },
    ...(await addThresholds(tx, wanted)),
  }
}

async function addChats(
  tx: Executor,
  { ids, nowMs }: { ids: readonly number[]; nowMs: number },
): Promise<Set<number>> {
  const rows = await tx
    .selectFrom('chats')
    .select('id')
    .where('id', 'in', [...ids])
    .execute()
  const known = new Set(rows.map(({ id }) => id))
  const missing = ids.filter((id) => !known.has(id))
  for (const id of missing) {
    await ensureChat(tx, { id, kind: id > 0 ? 'private' : 'group', nowMs })
  }
  return new Set(missing)
}

function watchKey(watch: { chatId: number; owner: string }): string {
  return `${watch.chatId}:${watch.owner}`
}

/** Ids of all these wallets, by `watchKey`, and how many of them are new. */
async function addWatches(
  tx: Executor,
  { found, nowMs }: { found: readonly { chatId: number; wallet: ImportedWallet }[]; nowMs: number },
): Promise<{ ids: Map<string, number>; added: number }> {
  if (found.length === 0) return { ids: new Map(), added: 0 }
  const added = await tx
    .insertInto('watches')
    .values(
      found.map(({ chatId, wallet }) => ({
        chat_id: chatId,
        owner: wallet.owner,
        label: null,
        thread_id: null,
        created_at: nowMs,
      })),
    )
    .onConflict((conflict) => conflict.columns(['chat_id', 'owner']).doNothing())
    .returning('id')
    .execute()
  const rows = await tx
    .selectFrom('watches')
    .select(['id', 'chat_id', 'owner'])
    .where('chat_id', 'in', [...new Set(found.map(({ chatId }) => chatId))])
    .where('owner', 'in', [...new Set(found.map(({ wallet }) => wallet.owner))])
    .execute()
  return {
    ids: new Map(rows.map((row) => [watchKey({ chatId: row.chat_id, owner: row.owner }), row.id])),
    added: added.length,
  }
}

type WantedThreshold = ImportedThreshold & {
  readonly chatId: number
  readonly owner: Address
  readonly watchId: number
}

function thresholdKey({ watchId, scope, target }: ThresholdKey): string {
  return `${watchId}:${scope}:${target}`
}

function keyOfRow(row: Pick<ThresholdsTable, 'watch_id' | 'scope' | 'target'>): string {
  return thresholdKey({ watchId: row.watch_id, scope: row.scope, target: row.target })
}

async function addThresholds(
  tx: Executor,
  wanted: readonly WantedThreshold[],
): Promise<Pick<ChunkOutcome, 'thresholds' | 'kept'>> {
  const added = new Set<string>()
  for (let start = 0; start < wanted.length; start += ROWS_PER_STATEMENT) {
    const rows = await tx
      .insertInto('thresholds')
      .values(
        wanted.slice(start, start + ROWS_PER_STATEMENT).map(({ watchId, scope, target, warningWad }) => ({
          watch_id: watchId,
          scope,
          target,
          warning_wad: warningWad.toString(),
        })),
      )
      .onConflict((conflict) => conflict.columns(['watch_id', 'scope', 'target']).doNothing())
      .returning(['watch_id', 'scope', 'target'])
      .execute()
    for (const row of rows) added.add(keyOfRow(row))
  }
  const old = wanted.filter((threshold) => !added.has(thresholdKey(threshold)))
  const rows = await thresholdsOf(tx, [...new Set(old.map(({ watchId }) => watchId))])
  const stored = new Map(rows.map((row) => [keyOfRow(row), BigInt(row.warning_wad)]))
  const kept = old.flatMap((threshold): KeptThreshold[] => {
    const storedWad = stored.get(thresholdKey(threshold))
    if (storedWad === undefined || storedWad === threshold.warningWad) return []
    const { chatId, owner, scope, target, warningWad } = threshold
    return [{ chatId, owner, scope, target, storedWad, fileWad: warningWad }]
  })
  return { thresholds: { added: added.size, present: old.length - kept.length }, kept }
}
