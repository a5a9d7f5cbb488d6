import { z } from 'zod'

/** What a path template may name, each filled with what is safe as one segment of a path. */
export const templateFields = ['userName', 'date', 'snapshotId', 'type', 'organization'] as const
export type TemplateField = (typeof templateFields)[number]

const placeholder = /\{([^{}]*)\}/g
const isField = (name: string): name is TemplateField => (templateFields as readonly string[]).includes(name)

const faultOf = (template: string): string | null => {
  const unknown = [...template.matchAll(placeholder)].map(([, name]) => name!).find((name) => !isField(name))
  if (unknown !== undefined) return `there is no {${unknown}}: use ${templateFields.map((f) => `{${f}}`).join(', ')}`
  if (/[{}]/.test(template.replaceAll(placeholder, ''))) return 'a brace stands alone'
  if (/[\p{Cc}\\]/u.test(template)) return 'it has no backslash and no control characters'
  const segments = template.split('/')
  if (segments.some((segment) => segment === '')) return 'it is relative, with something between two slashes'
  if (segments.some((segment) => /^\.+$/.test(segment.trim()))) return 'it has no . and no ..'
  return segments.length > 8 ? 'it has at most 8 parts' : null
}

/** Path of an archive below the folder of a destination, with `/` between folders; those that are missing are made. */
export const PathTemplate = z
  .string()
  .trim()
  .min(1, { error: 'is empty' })
  .max(500, { error: 'has at most 500 characters' })
  .superRefine((template, context) => {
    const fault = faultOf(template)
    if (fault !== null) context.addIssue({ code: 'custom', message: `is not a path template: ${fault}` })
  })
export type PathTemplate = z.output<typeof PathTemplate>

export const defaultPathTemplate = '{userName} {date} {type} {snapshotId}.zip'

/** A template with its fields replaced. What `textFor` answers must be safe as a part of one segment. */
export const fillTemplate = (template: PathTemplate, textFor: (field: TemplateField) => string): string =>
  template.replaceAll(placeholder, (_, name: string) => (isField(name) ? textFor(name) : ''))
