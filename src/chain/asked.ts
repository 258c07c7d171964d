import { PRIORITY, type Priority } from './limiter.ts'

/** A question that was asked for one caller and may serve others. */
export interface Asked<T> {
  readonly answer: Promise<T>
  /** Whether somebody of that priority may wait for it: never in the queue of those who are less urgent. */
  serves(priority: Priority): boolean
}

export function createAsked<T>(priority: Priority, answer: Promise<T>): Asked<T> {
  let answered = false
  answer.then(
    () => {
      answered = true
    },
    () => undefined,
  )
  return { answer, serves: (other) => answered || PRIORITY[priority] <= PRIORITY[other] }
}
