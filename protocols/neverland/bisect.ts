/** The lowest whole number in `from` to `to` that passes, given that `to` does and that passing numbers have none failing above. */
export function lowestPassing(
  range: { from: bigint; to: bigint },
  passes: (value: bigint) => boolean,
): bigint {
  let { from, to } = range
  while (from < to) {
    const middle = (from + to) / 2n
    if (passes(middle)) to = middle
    else from = middle + 1n
  }
  return to
}
