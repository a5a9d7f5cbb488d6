declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The snapshot just created, to be marked in the list. */
    created?: string
    /** The user name the create form begins with. */
    proposedUserName?: string
  }
}

export {}
