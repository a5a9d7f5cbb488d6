const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The same call for a terminal or a ticket; curl asks for the password. */
export const curlInvoke = (
  origin: string,
  userName: string,
  method: string,
  params: Readonly<Record<string, string | number | undefined>>,
): string =>
  [
    `curl -u ${quoted(userName)} ${quoted(`${origin}/JSON/Invoke/${method}`)}`,
    ...Object.entries(params)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`),
    // Without a field curl would send GET.
    ...(Object.values(params).some((value) => value !== undefined && value !== '') ? [] : ['-X POST']),
  ].join(' ')

/** A download that goes on where a broken one stopped; a refusal is told instead of being saved as the file. */
export const curlDownload = (origin: string, userName: string, snapshotId: string, fileName: string): string =>
  `curl --fail -u ${quoted(userName)} -C - -o ${quoted(fileName)} ${quoted(`${origin}/download/${snapshotId}`)}`
