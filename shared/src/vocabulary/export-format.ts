import { z } from 'zod'
import type { ItemKind } from './item-kind.ts'

/** What a snapshot can be exported as. */
export const ExportFormat = z.enum(['zip-eml', 'mbox', 'ics', 'vcf', 'msg', 'pst'])
export type ExportFormat = z.infer<typeof ExportFormat>

export type ExportFormatFacts = {
  readonly title: string
  /** One sentence for a person: what it is good for. */
  readonly purpose: string
  readonly kinds: readonly ItemKind[]
  /** Of the files it makes, with the dot. */
  readonly extension: string
  /** Whether it is cut into files of a size that can be chosen. */
  readonly isSplit: boolean
}

export const exportFormats: Readonly<Record<ExportFormat, ExportFormatFacts>> = {
  'zip-eml': {
    title: 'ZIP of single files',
    purpose: 'Each message, event and contact as a file of its own, in folders: any mail program opens them.',
    kinds: ['mail', 'calendar', 'contact'],
    extension: '.zip',
    isSplit: false,
  },
  mbox: {
    title: 'mbox',
    purpose: 'One file for each mail folder: for Thunderbird, Apple Mail and programs that read mail archives.',
    kinds: ['mail'],
    extension: '.zip',
    isSplit: false,
  },
  ics: {
    title: 'iCalendar',
    purpose: 'One file for each calendar: for importing it into any calendar program.',
    kinds: ['calendar'],
    extension: '.ics',
    isSplit: false,
  },
  vcf: {
    title: 'vCard',
    purpose: 'One file for each address book: for importing it into any program with contacts.',
    kinds: ['contact'],
    extension: '.vcf',
    isSplit: false,
  },
  msg: {
    title: 'Outlook items (MSG)',
    purpose: 'Each message, event and contact as a file that Outlook opens, in folders of a ZIP.',
    kinds: ['mail', 'calendar', 'contact'],
    extension: '.zip',
    isSplit: false,
  },
  pst: {
    title: 'Outlook data file (PST)',
    purpose: 'All folders, messages, events and contacts in one file that Outlook opens or imports.',
    kinds: ['mail', 'calendar', 'contact'],
    extension: '.pst',
    isSplit: true,
  },
}

/** Sizes of split files in GB (10^9 bytes): what may be chosen, and what is without a choice. */
export const splitGb = { least: 1, most: 49, usual: 9 } as const
