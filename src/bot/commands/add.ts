import { FormattedString } from '@grammyjs/parse-mode'
import type { Watched } from '../../../db/bot-store.ts'
import type { Address } from '../../domain/address.ts'
import type { PositionRef } from '../../domain/position.ts'
import { proposeThreshold } from '../../domain/thresholds.ts'
import type { CheckedPosition } from '../../views/check.ts'
import { PROTOCOL_NAMES } from '../../views/names.ts'
import { usageView } from '../../views/usage.ts'
import { view } from '../../views/view.ts'
import { addedView } from '../../views/wallets.ts'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Command, CommandDeps, CommandRequest, Reply } from '../command.ts'
import { look } from '../look.ts'

const EXAMPLE = '/add 0x1234567890abcdef1234567890abcdef12345678 1.4 Main'

/** `/add`, `/monitor`: stores the wallet first, then looks at it and answers with what is there. */
export function addCommand(deps: CommandDeps): Command {
  return async (request) => {
    const parsed = parseArguments(request.text, { ...deps, takesCritical: true })
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    const { owner, thresholdWad, protocol, label, criticalWad } = parsed.value
    if (owner === null) return usageView('I need a wallet address: 0x and 40 digits.', EXAMPLE)
    if (protocol !== null && thresholdWad === null) {
      return usageView(
        `To set a line for ${PROTOCOL_NAMES[protocol]}, add a number. Every protocol is watched anyway.`,
        EXAMPLE,
      )
    }
    const stored = await deps.store.watch({
      chatId: request.chatId,
      threadId: request.threadId,
      owner,
      label,
      maxWallets: deps.maxWallets,
      threshold:
        thresholdWad === null
          ? null
          : { protocol, warningWad: thresholdWad, ...(criticalWad !== undefined && { criticalWad }) },
    })
    if (stored === 'full') {
      return usageView(
        `This chat watches ${deps.maxWallets} wallets, as many as it may. Remove one first.`,
        '/remove Main',
      )
    }
    return () => answer(deps, { request, parsed: parsed.value, owner, ...stored })
  }
}

async function answer(
  deps: CommandDeps,
  added: {
    request: CommandRequest
    parsed: Arguments
    owner: Address
  } & Watched,
): Promise<Reply> {
  const { request, parsed, owner } = added
  const known = await deps.store.wallet(request.chatId, owner)
  if (!known) return view(new FormattedString('This wallet was removed again meanwhile.'))
  const [first] = await look(deps.check, { wallets: [{ owner, stored: known }], nowMs: deps.now })
  const positions = first?.positions ?? []
  const proposed = await deps.store.found({
    watchId: added.watch.id,
    refs: positions.map(({ ref }) => ref),
    proposals: positions.flatMap(proposalFor),
  })
  const after = await deps.store.wallet(request.chatId, owner)
  const lines = new Map(after?.positions.map((item) => [item.position.ref.key, item.lines]))
  const withLines = positions.map((position) => ({ ...position, lines: lines.get(position.ref.key) ?? null }))
  const threshold = parsed.thresholdWad
  const shown = addedView({
    wallet: {
      owner,
      label: after?.watch.label ?? null,
      positions: withLines,
      protocols: first?.protocols ?? [],
      nowMs: deps.now(),
    },
    isNew: added.isNew,
    topicChanged: added.topicChanged,
    changes:
      threshold === null
        ? []
        : [
            {
              what: parsed.protocol === null ? 'It' : PROTOCOL_NAMES[parsed.protocol],
              from: added.effect?.before ?? null,
              to: threshold,
              ...(added.effect?.after && { criticalWad: added.effect.after.criticalWad }),
            },
          ],
    proposed: proposed.flatMap(({ ref, warningWad }) => {
      const position = withLines.find((item) => item.ref.key === ref.key)
      return position ? [{ position, warningWad }] : []
    }),
    sweepMinutes: deps.sweepMinutes,
    stopped: request.stopped,
  })
  // This reading counts like any other: what is under its line already rings now, after the answer.
  return { ...shown, after: () => deps.store.apply(owner, positions) }
}

function proposalFor({ ref, reading }: CheckedPosition): { ref: PositionRef; warningWad: bigint }[] {
  if (reading.kind !== 'ok' || reading.health.noDebt) return []
  return [{ ref, warningWad: proposeThreshold(reading.health) }]
}
