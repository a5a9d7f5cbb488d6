/** What a caller wrote, fit to be shown back to him in a sentence: short, and without anything that could break a line. */
export const shown = (text: string): string => {
  const plain = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return [...plain].length > 64 ? `${[...plain].slice(0, 64).join('')}…` : plain
}
