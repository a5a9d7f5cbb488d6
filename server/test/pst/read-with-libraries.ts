import { Buffer } from 'node:buffer'
import {
  type IPSTFolder as AsyncFolder,
  type IPSTMessage as AsyncMessage,
  openPstFile,
} from '@hiraokahypertools/pst-extractor'
import pstExtractor, { type PSTFolder, type PSTMessage } from 'pst-extractor'
import { byPath, type FolderFacts, hashOf, type MailFacts } from './mail-model.ts'

const topName = 'Top of Outlook data file'
const dateMs = (date: Date | null): number => date?.getTime() ?? Number.NaN

/** All that npm's @hiraokahypertools/pst-extractor finds below the top folder. */
export const readWithHiraoka = async (path: string): Promise<readonly FolderFacts[]> => {
  const file = await openPstFile(path)
  const found: FolderFacts[] = []
  const readMail = async (mail: AsyncMessage): Promise<MailFacts> => ({
    messageClass: mail.messageClass,
    subject: mail.subject,
    sender: { name: mail.senderName, address: mail.senderEmailAddress },
    recipients: (await mail.getRecipients()).map((recipient) => ({
      type: recipient.recipientType as 1 | 2 | 3,
      name: recipient.displayName,
      address: recipient.emailAddress,
    })),
    submittedAtMs: dateMs(mail.clientSubmitTime),
    isRead: mail.isRead,
    body: mail.body,
    // Its `bodyHTML` knows the property as text only, and it is binary.
    html: Buffer.from((mail.getProperty(0x1013)?.value as Uint8Array | undefined) ?? []).toString(),
    headers: mail.transportMessageHeaders,
    attachments: await Promise.all(
      (await mail.getAttachments()).map(async (attachment) => {
        const inner = attachment.attachMethod === 5 ? await attachment.getEmbeddedPSTMessage() : null
        return {
          name: attachment.longFilename,
          content: inner ? await readMail(inner) : hashOf(Buffer.from(attachment.fileData ?? new ArrayBuffer(0))),
        }
      }),
    ),
  })
  const readFolder = async (folder: AsyncFolder, folderPath: readonly string[]): Promise<void> => {
    if (folderPath.length > 0) {
      const mails: MailFacts[] = []
      for (const mail of await folder.getEmails()) mails.push(await readMail(mail))
      found.push({
        path: folderPath.join('/'),
        containerClass: folder.containerClass,
        itemCount: folder.contentCount,
        unreadCount: folder.unreadCount,
        mails,
      })
    }
    for (const child of await folder.getSubFolders()) await readFolder(child, [...folderPath, child.displayName])
  }
  try {
    const root = await file.getRootFolder()
    const top = (await root.getSubFolders()).find(({ displayName }) => displayName === topName)
    await readFolder(top!, [])
  } finally {
    file.close()
  }
  return found.filter(({ path: folderPath }) => folderPath !== 'Deleted Items').sort(byPath)
}

/** All that npm's pst-extractor finds below the top folder. It cannot open embedded messages, those of Outlook neither. */
export const readWithExtractor = (path: string): readonly FolderFacts[] => {
  const file = new pstExtractor.PSTFile(path)
  const found: FolderFacts[] = []
  const readMail = (mail: PSTMessage): MailFacts => ({
    messageClass: mail.messageClass,
    subject: mail.subject,
    sender: { name: mail.senderName, address: mail.senderEmailAddress },
    recipients: Array.from({ length: mail.numberOfRecipients }, (_, index) => {
      const recipient = mail.getRecipient(index)!
      return {
        type: recipient.recipientType as 1 | 2 | 3,
        name: recipient.displayName,
        address: recipient.emailAddress,
      }
    }),
    submittedAtMs: dateMs(mail.clientSubmitTime),
    isRead: mail.isRead,
    body: mail.body,
    html: mail.bodyHTML,
    headers: mail.transportMessageHeaders,
    attachments: Array.from({ length: mail.numberOfAttachments }, (_, index) => {
      const attachment = mail.getAttachment(index)
      if (attachment.attachMethod === 5) return { name: attachment.longFilename, content: 'a message' }
      const bytes = Buffer.alloc(attachment.filesize)
      const stream = attachment.fileInputStream
      if (stream && bytes.length > 0) stream.readCompletely(bytes)
      return { name: attachment.longFilename, content: hashOf(bytes) }
    }),
  })
  const readFolder = (folder: PSTFolder, folderPath: readonly string[]): void => {
    if (folderPath.length > 0) {
      const mails: MailFacts[] = []
      for (let mail = folder.getNextChild(); mail !== null; mail = folder.getNextChild())
        mails.push(readMail(mail as PSTMessage))
      found.push({
        path: folderPath.join('/'),
        containerClass: folder.containerClass,
        itemCount: folder.contentCount,
        unreadCount: folder.unreadCount,
        mails,
      })
    }
    for (const child of folder.getSubFolders()) readFolder(child, [...folderPath, child.displayName])
  }
  try {
    const top = file
      .getRootFolder()
      .getSubFolders()
      .find(({ displayName }) => displayName === topName)
    readFolder(top!, [])
  } finally {
    file.close()
  }
  return found.filter(({ path: folderPath }) => folderPath !== 'Deleted Items').sort(byPath)
}
