const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** INTERNALDATE has seconds, no finer unit. */
export const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000

/** RFC 9051 §9 `date-time`, in UTC. */
export const internalDateOf = (ms: number): string => {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T')
  const [year, month, day] = date.split('-')
  return `${day}-${months[Number(month) - 1]}-${year} ${time.slice(0, 8)} +0000`
}
