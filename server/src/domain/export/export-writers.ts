import type { ExportFormat } from '@stillbox/shared/vocabulary/export-format.ts'
import { ics, vcf } from './combined-writer.ts'
import type { ExportWriterKind } from './export-writer.ts'
import { mbox } from './mbox-writer.ts'
import { msg } from './msg-writer.ts'
import { pst } from './pst-writer.ts'
import { zipEml } from './zip-eml-writer.ts'

/** Who writes which format. What each is called and takes is in `exportFormats`. */
export const exportWriters: Readonly<Record<ExportFormat, ExportWriterKind>> = {
  'zip-eml': zipEml,
  mbox,
  ics,
  vcf,
  msg,
  pst,
}
