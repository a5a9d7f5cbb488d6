import { entryNames, type ManifestContent } from './manifest.ts'

export type ReadmeFacts = Pick<ManifestContent, 'snapshotId' | 'subject' | 'request' | 'capture'> & {
  readonly itemCount: number
  readonly issueCount: number
}

const kindWords = { mailbox: 'mail', calendar: 'calendars', contacts: 'contacts' } as const

const period = ({ types, start, end }: ManifestContent['request']): string =>
  types.includes('mailbox') && start !== null && end !== null
    ? `Of the mail, only what the server received from ${start} until before ${end}.`
    : 'No period of time was given: everything there was.'

/** README.txt: for whoever finds the archive and has nothing else. */
export const readmeText = ({ snapshotId, subject, request, capture, itemCount, issueCount }: ReadmeFacts): string =>
  `WHAT THIS IS

A snapshot: a copy of the ${request.types.map((type) => kindWords[type]).join(', ')} of
${subject.userName.toWellFormed()} (${subject.organizationName.toWellFormed()}), taken by Stillbox
from ${capture.startedAt} to ${capture.finishedAt}.
${period(request)}
It holds ${itemCount} items. ${
    issueCount === 0
      ? 'Nothing was left out by mistake.'
      : `What could not be taken or was odd stands in issues.jsonl (${issueCount} lines).`
  }
Number of the snapshot: ${snapshotId}


HOW TO OPEN IT

It is an ordinary ZIP file. Windows Explorer, macOS, unzip and 7-Zip open it; no
special program is needed. If your program says it is damaged, check that the
download is complete.

mail/…          one file for each message, in the folders of the mailbox. Open an
                .eml file in a mail program such as Thunderbird or Outlook. The
                number in front is the message's number (UID) in its folder.
calendar/…      one .ics file for each entry. Beside each folder lies one .ics file
                with all of them: import that into a calendar program.
contacts/…      one .vcf file for each contact. Beside each folder lies one .vcf file
                with all of them: import that into an address book.
${entryNames.items.padEnd(16)}one line for each file above: its size and SHA-256, its folder, and all that
                is needed to put it back (flags, date of receipt, numbers). JSON.
${entryNames.issues.padEnd(16)}one line for each thing that could not be taken, or was odd, and why.
${entryNames.index.padEnd(16)}the same as a table to search in: an SQLite database. It can be made again
                from the rest.
${entryNames.manifest.padEnd(16)}who, what and when; for each folder what the server held and what became of
                it; the hashes of the files above; a signature over all that.


HOW TO CHECK IT BY HAND

Unpack it, open a terminal in the new folder, and run:

  sed -n 's/^{"entry":"\\([^"]*\\)".*"sha256":"\\([0-9a-f]*\\)".*/\\2  \\1/p' items.jsonl \\
    | sha256sum --check --quiet

(On a Mac: shasum -a 256 instead of sha256sum.) No output means that every file is
what it was when it was taken. With "unzip -t" on the ZIP
file the computer checks that it arrived in one piece. That items.jsonl itself was not
changed is shown by its SHA-256 in stillbox.json, and that stillbox.json was not
changed by its signature; "stillbox verify" checks all of it at once.


The messages, entries and contacts are byte for byte as the server gave them.
`
