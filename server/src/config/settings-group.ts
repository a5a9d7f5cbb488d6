import { z } from 'zod'

/** A group of settings that names a misspelt one and those it could have been. */
export const settings = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      const known = Object.keys(shape).join(', ')
      if (issue.code === 'unrecognized_keys')
        return `has no setting ${issue.keys.join(', ')}: the settings are ${known}`
      return issue.code === 'invalid_type' ? `is not a group of settings: write ${known} below it` : undefined
    },
  })
