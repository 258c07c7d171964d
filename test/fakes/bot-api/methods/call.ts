import type { ApiMethods } from 'grammy/types'
import type { UploadedFile } from '../files.ts'
import type { Params } from '../params.ts'
import type { World } from '../world.ts'

/** One call of a Bot API method. */
export interface Call {
  world: World
  params: Params
  /** The files of a multipart body by the name of their part. */
  files: ReadonlyMap<string, UploadedFile>
  /** Fires when the caller is gone. */
  signal: AbortSignal
}

/** The methods of the Bot API, as grammY's types list them. */
export type MethodName = keyof ApiMethods

/** What Telegram answers to a method. */
export type Answer<M extends MethodName> = ReturnType<ApiMethods[M]>

/** What a method does; its result becomes the `result` of the answer. Refusals are thrown. */
export type Method<M extends MethodName> = (call: Call) => Answer<M> | Promise<Answer<M>>

/** Some methods by name: what is none of Telegram's, or answers with another type than Telegram does, does not compile. */
export type MethodTable = { readonly [M in MethodName]?: Method<M> }
