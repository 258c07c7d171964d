import type { ReceiptNews } from './alerting/receipt.ts'
import type { SecondLook } from './alerting/second-look.ts'
import { depthOf, type Verified } from './alerting/state.ts'
import type { Alert, Transition } from './alerting/transition.ts'
import { type MessageKind, rings } from './alerting/urgency.ts'

/** What a second source said of the reading that rang. `none`: nobody had to be asked. */
export type Confirmation = 'none' | 'confirmed' | 'unconfirmed' | 'disputed'

/** One transition within a message, with everything its text needs. */
export interface DeliveryItem extends Alert {
  readonly rowId: number
  readonly label: string | null
  readonly createdAtMs: number
  readonly confirm: Confirmation
  readonly second: SecondLook | null
  /** Transitions of the same position that were never sent and are told here, oldest first. */
  readonly told: readonly Transition[]
  /** A newer alert of the same position has left already: this one only goes out because nobody knows whether it arrived. */
  readonly overtaken: boolean
  /** The newest reading of the position, whatever rang; `null` when it is not watched here any more. */
  readonly present: Verified | null
}

/** What one message tells. */
export type Content =
  /** Every transition of a chat that was ready, most urgent first. Never empty. */
  | { readonly kind: 'alerts'; readonly items: readonly DeliveryItem[] }
  /** The same, written into the message that told it: what became of it is known now. */
  | {
      readonly kind: 'edit'
      readonly items: readonly DeliveryItem[]
      readonly messageId: number
      readonly deliveryId: string
    }
  /** When the bot was down, and what changed meanwhile. */
  | { readonly kind: 'receipt'; readonly news: ReceiptNews }
  /** About no position. */
  | {
      readonly kind: 'message'
      readonly message: Exclude<MessageKind, 'edit' | 'receipt'>
      readonly payload: unknown
    }
  /** There is nothing left to do: an edit of a message that does not exist. */
  | { readonly kind: 'nothing' }

/** One message on its way to Telegram. */
export interface Delivery {
  /** The rows that settle with it. */
  readonly rowIds: readonly number[]
  /** The same for every attempt whose outcome is unknown, so that a repeat can be recognised. */
  readonly deliveryId: string
  readonly chatId: number
  readonly threadId: number | null
  readonly content: Content
  readonly urgency: number
  /** When the oldest of it was committed. */
  readonly createdAtMs: number
  /** When it could first have left: later than `createdAtMs` where quiet hours or a second look held it. */
  readonly readyAtMs: number
  /** Attempts including this one. */
  readonly attempt: number
  readonly maybeRepeat: boolean
  readonly plain: boolean
}

/** Whether the message makes a sound: for what is worse than the chat was told last. */
export function isLoud(content: Content): boolean {
  return content.kind === 'alerts' && content.items.some(isWorse)
}

/** A recovery that also tells of an alarm which never rang may still leave the loan in more danger than anybody knows of. */
function isWorse({ transition, told }: DeliveryItem): boolean {
  const { kind, to } = transition
  if (rings(kind)) return true
  const [first] = told
  return kind === 'recovered' && first !== undefined && depthOf(to) > depthOf(first.from)
}
