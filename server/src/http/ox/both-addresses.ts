type Both<T> = T & { readonly [N in keyof T & string as `${N}V1`]: T[N] }

/**
 * The snapshot API is documented without a version in its addresses, and its neighbours with `/v1` in front: each row of a
 * table once as it is, and once more under the name of its second address.
 */
export const atBothAddresses = <V, T extends Readonly<Record<string, V>>>(
  table: T & Readonly<Record<string, V>>,
  second: (row: V) => V,
): Both<{ readonly [N in keyof T]: V }> => {
  const again = Object.entries<V>(table).map(([name, row]) => [`${name}V1`, second(row)])
  return { ...table, ...Object.fromEntries(again) }
}
