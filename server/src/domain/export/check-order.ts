import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { exportFormats, splitGb } from '@stillbox/shared/vocabulary/export-format.ts'
import type { ExportOrder } from '@stillbox/shared/vocabulary/export-report.ts'

/** Each word is looked for by itself, over all items. */
const maxWords = 32
const maxWordsLength = 1_000

const checkWords = (words: string): void => {
  if (words.length <= maxWordsLength && words.split(/\s+/u).filter((word) => word !== '').length <= maxWords) return
  const reason = `Items are found by ${maxWords} words at most, of ${maxWordsLength.toLocaleString('en')} characters together.`
  throw new AppError('invalid_params', { details: { reason } })
}

/** @throws AppError `invalid_params` when a size is given that the format does not take, or too many words */
export const checkOrder = ({ format, words, maxGb }: Pick<ExportOrder, 'format' | 'words' | 'maxGb'>): void => {
  if (words !== null) checkWords(words)
  if (maxGb === null) return
  const { isSplit, title } = exportFormats[format]
  const { least, most } = splitGb
  const reason = !isSplit
    ? `${title} is not split, so it takes no largest size.`
    : !(maxGb >= least && maxGb <= most)
      ? `The largest size of a file is ${least} to ${most} GB.`
      : null
  if (reason !== null) throw new AppError('invalid_params', { details: { reason } })
}
