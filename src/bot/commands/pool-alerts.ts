import type { PoolWishes } from '../../../db/pool-choices.ts'
import { PRESET_RULES } from '../../domain/pools/rules.ts'
import { rulePageView } from '../../views/pools/rule-pages.ts'
import { rulesView } from '../../views/pools/rules.ts'
import { poolsOffView } from '../../views/pools/switched-off.ts'
import { usageView } from '../../views/usage.ts'
import type { View } from '../../views/view.ts'
import type { Command, CommandDeps, CommandRequest } from '../command.ts'
import { readRuleWish } from '../pool-rule-words.ts'

/** `/poolalerts`, and every button of its menu: shows or changes what this chat is told of. */
export function poolAlertsCommand(deps: CommandDeps): Command {
  const { poolChoices } = deps
  return async (request) => {
    if (!deps.pools) return poolsOffView()
    const { chatId } = request
    const wish = readRuleWish(request.text)
    switch (wish.kind) {
      case 'wrong':
        return usageView(wish.error, wish.example)
      case 'show': {
        const now = await poolChoices.wishes(chatId)
        return wish.page === null ? overview(deps, { request, now }) : rulePageView(wish.page, now.rules)
      }
      case 'switch':
        return changed(deps, { request, change: (before) => ({ ...before, enabled: wish.enabled }) })
      case 'preset': {
        const { preset } = wish
        // What somebody chose by address is no matter of taste.
        const change = ({ enabled, rules }: PoolWishes): PoolWishes => ({
          enabled,
          preset,
          rules: { ...PRESET_RULES[preset], quotes: rules.quotes },
        })
        return changed(deps, { request, change })
      }
      case 'reset':
        return changed(deps, {
          request,
          change: ({ enabled, preset }) => ({ enabled, preset, rules: PRESET_RULES[preset] }),
        })
      case 'change': {
        const { rules } = await poolChoices.change(request, (before) => ({
          ...before,
          rules: wish.change(before.rules),
        }))
        return rulePageView(wish.page, rules)
      }
    }
  }
}

/** Button `poolalerts`: the menu in a message of its own. */
export function poolAlertsButton(deps: CommandDeps): Command {
  return (request) => poolAlertsCommand(deps)({ ...request, text: '' })
}

async function changed(
  deps: CommandDeps,
  { request, change }: { request: CommandRequest; change: (before: PoolWishes) => PoolWishes },
): Promise<View> {
  return overview(deps, { request, now: await deps.poolChoices.change(request, change) })
}

async function overview(
  deps: CommandDeps,
  { request, now }: { request: CommandRequest; now: PoolWishes },
): Promise<View> {
  const tokens = await deps.poolChoices.tokens(request.chatId)
  return rulesView({
    ...now,
    changed: JSON.stringify(sorted(now.rules)) !== JSON.stringify(sorted(PRESET_RULES[now.preset])),
    tokens: tokens.length,
    stopped: request.stopped,
  })
}

/** Keys in one order, however the rules were put together or stored. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
