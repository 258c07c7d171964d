/** JSON that keeps bigint: `{"$n":"123"}`. Only for values that this project wrote itself. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' ? { $n: item.toString() } : item,
  )
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item === 'object' && item !== null && '$n' in item && typeof item.$n === 'string')
      return BigInt(item.$n)
    return item
  })
}
