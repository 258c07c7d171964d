import type { BotCommand, MessageEntity, Update } from 'grammy/types'
import type { FaultRule, QueuedFault } from '../faults.ts'
import type { LimitSetting } from '../options.ts'
import type { Breach } from '../rate-limits.ts'
import type { RequestFilter, RequestRecord } from '../record.ts'
import type { VisibleMessage } from '../visible.ts'
import type { CallbackAnswer, ChatType, MemberStatus } from '../world.ts'

/** A new person; everything has a default. */
export interface NewUser {
  id?: number
  firstName?: string
  lastName?: string
  username?: string
  languageCode?: string
  isBot?: boolean
  /** true: as if the user had already written to the bot before the test began. */
  started?: boolean
}

/** A person, and the id of the private chat with the bot, which is the same number. */
export interface UserInfo {
  id: number
  firstName: string
  username: string | null
}

/** A new group. Without members it gets one owner. */
export interface NewGroup {
  id?: number
  title?: string
  type?: 'group' | 'supergroup'
  username?: string
  /** Topics; makes it a supergroup. */
  forum?: boolean
  members?: readonly { user: number; status?: MemberStatus }[]
  /** How the bot stands towards it from the start, without an update; `member` when absent. */
  bot?: MemberStatus
}

/** A new channel; the bot is an administrator unless told otherwise. */
export interface NewChannel {
  id?: number
  title?: string
  username?: string
  bot?: MemberStatus
}

/** A chat as the control names it. */
export interface ChatInfo {
  id: number
  type: ChatType
  /** Who acts when a control function names nobody: the owner. */
  owner: number
}

/** Something a user writes. */
export interface Saying {
  user: number
  /** Absent: the private chat with the bot. */
  chat?: number
  text: string
  replyTo?: number
  topic?: number
  /** Marks the client would add, on top of the ones Telegram finds by itself. */
  entities?: MessageEntity[]
  /** Written in the name of the group. */
  anonymous?: boolean
  /** Forwarded from that user. */
  forwardedFrom?: number
}

/** A press on an inline button, found by its visible text or by its data. */
export interface Press {
  user: number
  /** Absent: the private chat with the bot. */
  chat?: number
  /** Absent: the newest message that has such a button. */
  messageId?: number
  text?: string
  data?: string
  /** Sends the data even if no visible button has it: a press on an outdated screen. */
  force?: boolean
}

/** What a control function needs to know to change somebody's standing in a chat. */
export interface MemberChange {
  chat: number
  user: number
  status: MemberStatus
  by?: number
}

/** The table of control functions: each takes at most one JSON value and gives one back. */
export interface ControlCore {
  createUser(user?: NewUser): Promise<UserInfo>
  createGroup(group?: NewGroup): Promise<ChatInfo>
  createChannel(channel?: NewChannel): Promise<ChatInfo>
  createTopic(topic: { chat: number; name?: string; by?: number }): Promise<{ topic: number }>
  deleteTopic(topic: { chat: number; topic: number }): Promise<void>
  setMember(change: MemberChange): Promise<void>
  addBot(join: { chat: number; by?: number; status?: 'member' | 'administrator' }): Promise<void>
  kickBot(kick: { chat: number; by?: number }): Promise<void>
  upgradeGroup(upgrade: { chat: number; by?: number }): Promise<{ chat: number }>
  deleteChat(chat: number): Promise<void>
  blockBot(user: number): Promise<void>
  unblockBot(user: number): Promise<void>
  deactivateUser(user: number): Promise<void>
  setPrivacy(enabled: boolean): Promise<void>
  /** From now on only this token is known; the old one gets 401. */
  setToken(token: string): Promise<void>

  say(saying: Saying): Promise<{ messageId: number; seenByBot: boolean }>
  /** Presses a button without waiting for the bot's answer. */
  tap(press: Press): Promise<{ queryId: string; messageId: number }>
  callbackAnswer(queryId: string): Promise<CallbackAnswer | null>

  /** What a person sees in a chat now. */
  visible(chat: number): Promise<VisibleMessage[]>
  /** As `visible`, with the deleted messages. */
  history(chat: number): Promise<VisibleMessage[]>
  requests(filter?: RequestFilter): Promise<RequestRecord[]>
  breaches(): Promise<Breach[]>
  pendingUpdates(): Promise<Update[]>
  commands(menu?: { scope?: Record<string, unknown>; languageCode?: string }): Promise<BotCommand[]>
  file(fileId: string): Promise<{ name: string; type: string; size: number; base64: string } | null>
  /** Forgets requests and breaches; chats and messages stay. */
  clearRecords(): Promise<void>

  addFault(rule: FaultRule): Promise<number>
  faults(): Promise<QueuedFault[]>
  clearFaults(): Promise<void>
  /** Lets every hanging request go on; returns how many there were. */
  releaseHung(): Promise<number>
  /** Makes a chat (or, without one, the whole bot) answer 429 for that long, as if it had just been told. */
  flood(flood: { chat?: number; seconds: number }): Promise<void>
  /** Ends every 429 period and empties the limit windows. */
  liftFloods(): Promise<void>
  setLimits(setting: LimitSetting): Promise<void>

  /** Moves the fake's clock ahead: 429 periods, limit windows, query age, message dates. */
  advance(ms: number): Promise<void>
  now(): Promise<number>
  /** Resolves with the state's version once it is above `since`, or when the time is up. */
  waitForChange(wait: { since: number; timeoutMs: number }): Promise<number>
  /** Closes the port and cuts every connection: clients get ECONNREFUSED. */
  pause(): Promise<void>
  /** Listens on the same port again; nothing was forgotten. */
  resume(): Promise<void>
}
