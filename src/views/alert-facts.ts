import type { DeliveryItem } from '../domain/delivery.ts'

export interface AlertFacts extends DeliveryItem {
  readonly nowMs: number
  /** Since when nothing but the way to Telegram held it up. */
  readonly readyAtMs: number
  readonly deliveryId: string
  readonly maybeRepeat: boolean
  readonly appUrl: string | null
}
