/**
 * `write-many-messages.ts <file.pst> <count>` writes so many small messages into one folder, as the product's work process would, and prints the size
 * of the file and the most memory that was resident.
 */
import { mapiMessage } from '../pst/mail-model.ts'
import { plainMail } from '../pst/sample-mailbox.ts'
import { diskFile, neverAborted, testPst } from '../pst/write-mailbox.ts'

const [path, count] = process.argv.slice(2)
if (path === undefined || count === undefined) throw new Error('usage: write-many-messages.ts <file.pst> <count>')

const file = await diskFile(path)
const pst = testPst(file)
const folder = pst.addFolder(['Many'], 'IPF.Note')
for (let no = 1; no <= Number(count); no++) await pst.add(folder, mapiMessage(plainMail(`Number ${no}`)), neverAborted)
const { sizeBytes, messages } = await pst.finish()
await file.close()
console.log(JSON.stringify({ sizeBytes, messages, peakRssBytes: process.resourceUsage().maxRSS * 1024 }))
