import { needChat } from '../chats.ts'
import type { DispatchDeps } from '../dispatch.ts'
import { commandKey } from '../methods/command-methods.ts'
import type { Listener } from '../server.ts'
import { needUser } from '../users.ts'
import { historyOf } from '../visible.ts'
import type { ControlCore } from './api.ts'
import * as groups from './groups.ts'
import * as people from './people.ts'

/** The control functions as they are written: at once or later. */
export type ControlTable = {
  [K in keyof ControlCore]: ControlCore[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => R | Promise<R>
    : never
}

/** The one table behind the in-process control and the HTTP control. */
export function createControlTable(deps: DispatchDeps & { listener: Listener }): ControlTable {
  const { world, log, faults, limits, listener } = deps
  const touched = (change: () => void) => {
    change()
    world.changes.touch()
  }
  return {
    createUser: (user = {}) => people.createUser(world, user),
    createGroup: (group = {}) => groups.createGroup(world, group),
    createChannel: (channel = {}) => groups.createChannel(world, channel),
    createTopic: (topic) => groups.createTopic(world, topic),
    deleteTopic: (topic) => {
      groups.deleteTopic(world, topic)
    },
    setMember: (change) => {
      groups.setMember(world, change)
    },
    addBot: ({ status = 'member', ...join }) => {
      groups.setMember(world, { ...join, user: world.bot.id, status })
    },
    kickBot: (kick) => {
      groups.setMember(world, { ...kick, user: world.bot.id, status: 'kicked' })
    },
    upgradeGroup: (upgrade) => groups.upgradeGroup(world, upgrade),
    deleteChat: (chat) => {
      groups.deleteChat(world, chat)
    },
    blockBot: (user) => {
      people.setBlocked(world, { user, blocked: true })
    },
    unblockBot: (user) => {
      people.setBlocked(world, { user, blocked: false })
    },
    deactivateUser: (user) => {
      needUser(world, user).deactivated = true
    },
    setPrivacy: (enabled) => {
      world.privacy = enabled
    },
    setToken: (token) => {
      world.token = token
    },

    say: (saying) => people.say(world, saying),
    tap: (press) => people.tap(world, press),
    callbackAnswer: (queryId) => world.callbacks.get(queryId)?.answer ?? null,

    visible: (chat) => historyOf(world, needChat(world, chat)).filter(({ deleted }) => !deleted),
    history: (chat) => historyOf(world, needChat(world, chat)),
    requests: (filter = {}) => log.list(filter).map((record) => ({ ...record })),
    breaches: () => [...limits.breaches()],
    pendingUpdates: () => world.updates.pending(),
    commands: ({ scope = {}, languageCode = '' } = {}) =>
      world.commands.get(commandKey(scope, languageCode)) ?? [],
    file: (fileId) => {
      const file = world.files.byId(fileId)
      if (file === undefined) return null
      const { name, type, bytes } = file
      return { name, type, size: bytes.length, base64: bytes.toString('base64') }
    },
    clearRecords: () => {
      log.clear()
      limits.clearBreaches()
    },

    addFault: (rule) => faults.add(rule),
    faults: () => faults.list().map((fault) => ({ ...fault })),
    clearFaults: () => {
      faults.clear()
    },
    releaseHung: () => faults.release(),
    flood: ({ chat, seconds }) => {
      const scope = chat === undefined ? 'bot' : 'chat'
      limits.impose({ scope, key: chat ?? null, seconds })
    },
    liftFloods: () => {
      limits.lift()
    },
    setLimits: (setting) => {
      limits.configure(setting)
    },

    advance: (ms) => {
      touched(() => {
        world.clock.advance(ms)
      })
    },
    now: () => world.clock.now(),
    waitForChange: (wait) => world.changes.wait(wait),
    pause: () => listener.close(),
    resume: async () => {
      await listener.listen()
    },
  }
}

/** The table as promises, with the errors of the functions as rejections. */
export function asPromises(table: ControlTable): ControlCore {
  const entries = Object.entries(table as unknown as Record<string, (...args: unknown[]) => unknown>)
  const wrapped = entries.map(([name, run]) => {
    const asPromise = (...args: unknown[]) =>
      new Promise((resolve) => {
        resolve(run(...args))
      })
    return [name, asPromise] as const
  })
  return Object.fromEntries(wrapped) as unknown as ControlCore
}
