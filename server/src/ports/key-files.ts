/** The files in which the service keeps its keys: each made once, and never replaced. */
export type KeyFiles = {
  /**
   * Reads a key, or makes it when it has never been there. When another process was quicker, its key is the one.
   * @param isKey whether a text is a key that belongs into this file
   * @param loss what would come of replacing it, for the administrator: the end of a sentence, without its full stop
   * @throws Error with a sentence for the administrator when the file cannot be read or holds no such key
   */
  readOrMake(
    name: string,
    make: () => string | Promise<string>,
    isKey: (text: string) => boolean,
    loss: string,
  ): Promise<string>
}
