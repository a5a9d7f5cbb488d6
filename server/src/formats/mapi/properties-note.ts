import { named, propertySets } from './property.ts'

const note = propertySets.note

// [MS-OXONOTE] §2.2.1
/** 0 blue, 1 green, 2 pink, 3 yellow, 4 white */
export const PidLidNoteColor = named('PidLidNoteColor', note, 0x8b00, 'int32')
/** In pixels, as the three that follow. */
export const PidLidNoteWidth = named('PidLidNoteWidth', note, 0x8b02, 'int32')
export const PidLidNoteHeight = named('PidLidNoteHeight', note, 0x8b03, 'int32')
export const PidLidNoteX = named('PidLidNoteX', note, 0x8b04, 'int32')
export const PidLidNoteY = named('PidLidNoteY', note, 0x8b05, 'int32')
