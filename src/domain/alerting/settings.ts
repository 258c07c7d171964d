import type { Lines } from '../thresholds.ts'
import { levelUnder } from './levels.ts'
import { type AlertState, LEVELS } from './state.ts'

/**
 * The state after somebody moved the lines: the level that the last reading has under the new ones, counted as told, because
 * the answer to the command says it. `liquidatable` is the contract's word and does not move with a line.
 */
export function withNewLines(state: AlertState, lines: Lines): AlertState {
  const { last } = state
  if (last === null || state.closed || state.level === 'liquidatable') return state
  const level = levelUnder(last.health, lines)
  if (level === 'liquidatable') return state
  const clear = { liquidatable: null, critical: null, warning: null }
  // Readings counted against the old line say nothing about the new one.
  if (level === state.level) {
    const counted = LEVELS.some((one) => one !== 'safe' && state.clear[one] !== null)
    return counted ? { ...state, clear } : state
  }
  const healthWad = last.health.noDebt ? null : last.health.healthWad
  return {
    ...state,
    level,
    episode: state.level === 'safe' ? state.episode + 1 : state.episode,
    ringHealthWad: level === 'safe' ? null : healthWad,
    clear,
    seen: null,
    snooze: null,
    // Whoever moved the line knows: nothing repeats and nobody else is called for it.
    ring: null,
  }
}
