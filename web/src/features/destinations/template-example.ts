import { fillTemplate, PathTemplate, type TemplateField } from '@stillbox/shared/vocabulary/path-template.ts'

/** What is safe as a part of one segment, of a snapshot that might be. */
const example: Readonly<Record<TemplateField, string>> = {
  userName: 'anna@example.org',
  date: '2026-11-22',
  snapshotId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2',
  type: 'mailbox+calendar',
  organization: 'example',
}

/** Where an archive would come to lie: below the folder, or below where the sign-in lands. Null while the template is none. */
export const examplePath = (folder: string, fileName: string): string | null => {
  const template = PathTemplate.safeParse(fileName)
  if (!template.success) return null
  const filled = fillTemplate(template.data, (field) => example[field])
  return folder === '' ? filled : `${folder.replace(/\/+$/, '')}/${filled}`
}
