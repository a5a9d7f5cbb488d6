/** Keeps a small button on the line of the text beside it, in the row of a table as in a card. */
export const rowButtonLook = 'max-[62rem]:-ml-2 -my-1'
