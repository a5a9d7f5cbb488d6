import { type TableLayout, tableLayout } from '../ltp/table-layout.ts'

const columns = (tags: string): readonly number[] => tags.split(' ').map((tag) => Number.parseInt(tag, 16))

/** Columns of the recipient table; a message may need more. */
export const recipientColumns = columns(
  '0C150003 0E0F000B 0FF90102 0FFE0003 0FFF0102 3001001F 3002001F 3003001F 300B0102 39000003 39FF001F 3A40000B',
)

/** The tables that a store has, with the columns that a fresh store of Outlook gives them. */
export const tableLayouts = {
  hierarchy: tableLayout(
    columns('0E300102 0E330014 0E340102 0E380003 3001001F 36020003 36030003 360A000B 3613001F 66350003 66360003'),
  ),
  contents: tableLayout(
    columns(
      '00170003 001A001F 00360003 0037001F 00390040 0042001F 0057000B 0058000B 0070001F 00710102 0E03001F 0E04001F 0E060040 0E070003 0E080003 ' +
        '0E170003 0E300102 0E330014 0E340102 0E380003 0E3C0102 0E3D0102 10970003 30080040 30130102 65C60003',
    ),
  ),
  associated: tableLayout(
    columns(
      '001A001F 0E070003 0E170003 3001001F 6800001F 6803000B 68051003 682F001F 70030003 70040102 70050102 7006001F 70070003',
    ),
  ),
  searchContents: tableLayout(
    columns(
      '00170003 001A001F 00360003 0037001F 0042001F 0057000B 0058000B 0E03001F 0E04001F 0E05001F 0E060040 0E070003 0E080003 0E170003 0E2A000B ' +
        '30080040 67F10003',
    ),
  ),
  receiveFolder: tableLayout(columns('001A001F 66050003')),
  outgoingQueue: tableLayout(columns('00390040 0E100003 0E140003')),
  attachment: tableLayout(columns('0E200003 3704001F 37050003 370B0003')),
  recipient: tableLayout(recipientColumns),
  replicationChanges: tableLayout(columns('0E330014 0E370102 0E380003')),
  replicationFolders: tableLayout(columns('001A001F 0E300102 0E310102 0E330014 0E340102 0E380003 0E3E0102')),
  replicationTimes: tableLayout(columns('0E330014 30070040')),
} as const satisfies Record<string, TableLayout>
