import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, realpath, rename, unlink } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { resolve } from 'node:path'
import ssh2, { type Attributes, type Connection, type SFTPWrapper } from 'ssh2'

export type SshDoubleOptions = {
  readonly userName: string
  readonly password: string
  /** Asks for the password by keyboard-interactive (RFC 4256) instead of the method `password`. */
  readonly asksInteractively?: boolean
  /** What every command prints; it ends at once with 0, all in one go. Without it, no command is run. */
  readonly commandsPrint?: string
}

export type SshDouble = {
  readonly host: '127.0.0.1'
  readonly port: number
  /** `ssh-ed25519` public key blob in base64. */
  readonly hostKeyBlob: string
  stop(): Promise<void>
}

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

const statusOf = (error: unknown): number => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ENOENT' || code === 'ENOTDIR') return STATUS_CODE.NO_SUCH_FILE
  if (code === 'EACCES' || code === 'EPERM') return STATUS_CODE.PERMISSION_DENIED
  return STATUS_CODE.FAILURE
}

const flagsOf = (mode: number): number =>
  ((mode & OPEN_MODE.WRITE) === 0
    ? constants.O_RDONLY
    : (mode & OPEN_MODE.READ) === 0
      ? constants.O_WRONLY
      : constants.O_RDWR) |
  (mode & OPEN_MODE.CREAT ? constants.O_CREAT : 0) |
  (mode & OPEN_MODE.TRUNC ? constants.O_TRUNC : 0) |
  (mode & OPEN_MODE.EXCL ? constants.O_EXCL : 0)

const attributesOf = async (path: string): Promise<Attributes> => {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = await lstat(path)
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) }
}

/** SFTP version 3 over the file system, as the draft has it: no extension at all, and writes answered in any order. */
const serveSftp = (sftp: SFTPWrapper) => {
  const handles = new Map<number, FileHandle>()
  let nextHandle = 0
  const handleOf = (handle: Buffer): FileHandle => {
    const found = handles.get(handle.readUInt32BE(0))
    if (!found) throw new Error('no such handle')
    return found
  }
  const answer = (id: number, work: () => Promise<unknown>, reply: (value: never) => void) => {
    const answered = async () => reply((await work()) as never)
    answered().catch((error: unknown) => sftp.status(id, statusOf(error)))
  }
  const ok = (id: number) => () => sftp.status(id, STATUS_CODE.OK)

  sftp.on('OPEN', (id, path, mode) =>
    answer(
      id,
      () => open(path, flagsOf(mode), 0o600),
      (file: FileHandle) => {
        const name = Buffer.alloc(4)
        name.writeUInt32BE(nextHandle)
        handles.set(nextHandle++, file)
        sftp.handle(id, name)
      },
    ),
  )
  sftp.on('READ', (id, handle, offset, length) =>
    answer(
      id,
      () => handleOf(handle).read(Buffer.alloc(length), 0, length, offset),
      ({ bytesRead, buffer }: { bytesRead: number; buffer: Buffer }) =>
        bytesRead === 0 ? sftp.status(id, STATUS_CODE.EOF) : sftp.data(id, buffer.subarray(0, bytesRead)),
    ),
  )
  sftp.on('WRITE', (id, handle, offset, bytes) =>
    // The library reuses its buffer.
    answer(id, () => handleOf(handle).write(Buffer.from(bytes), 0, bytes.length, offset), ok(id)),
  )
  sftp.on('CLOSE', (id, handle) =>
    answer(
      id,
      async () => {
        const file = handleOf(handle)
        handles.delete(handle.readUInt32BE(0))
        await file.close()
      },
      ok(id),
    ),
  )
  const stat = (id: number, path: string) =>
    answer(
      id,
      () => attributesOf(path),
      (attributes: Attributes) => sftp.attrs(id, attributes),
    )
  sftp.on('STAT', stat)
  sftp.on('LSTAT', stat)
  sftp.on('REALPATH', (id, path) =>
    answer(
      id,
      () => realpath(resolve('/', path)),
      (found: string) => sftp.name(id, [{ filename: found, longname: found, attrs: {} as Attributes }]),
    ),
  )
  sftp.on('MKDIR', (id, path, { mode }) => answer(id, () => mkdir(path, { mode: mode ?? 0o777 }), ok(id)))
  sftp.on('REMOVE', (id, path) => answer(id, () => unlink(path), ok(id)))
  sftp.on('RENAME', (id, from, to) =>
    answer(
      id,
      async () => {
        // Refused when the target exists (draft-ietf-secsh-filexfer-02 §6.5).
        const there = await lstat(to).catch(() => null)
        if (there) throw new Error('the target exists')
        await rename(from, to)
      },
      ok(id),
    ),
  )
  sftp.on('close', () => {
    for (const file of handles.values()) void file.close().catch(() => {})
    handles.clear()
  })
}

/**
 * An SSH server of few words for what sshd cannot do without a real system user: sign-in by password. It runs no commands, and
 * its SFTP has none of OpenSSH's extensions, as that of many appliances.
 */
export const startSshDouble = async (options: SshDoubleOptions): Promise<SshDouble> => {
  const { userName, password, asksInteractively = false, commandsPrint } = options
  const hostKey = ssh2.utils.generateKeyPairSync('ed25519')
  const open = new Set<Connection>()
  const protocol = new ssh2.Server({ hostKeys: [hostKey.private] }, (connection) => {
    open.add(connection)
    connection.on('close', () => open.delete(connection))
    // A connection that is cut is what the tests are about.
    connection.on('error', () => {})
    const method = asksInteractively ? 'keyboard-interactive' : 'password'
    connection.on('authentication', (context) => {
      const decide = (given: string | undefined) =>
        context.username === userName && given === password ? context.accept() : context.reject([method])
      if (context.method === 'password' && method === 'password') decide(context.password)
      else if (context.method === 'keyboard-interactive' && method === 'keyboard-interactive')
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => decide(answers[0]))
      else context.reject([method])
    })
    connection.on('session', (accept) => {
      const session = accept()
      session.on('sftp', (acceptSftp) => serveSftp(acceptSftp()))
      if (commandsPrint !== undefined)
        session.on('exec', (acceptCommand) => {
          const channel = acceptCommand()
          channel.write(commandsPrint)
          channel.exit(0)
          channel.end()
        })
    })
  })
  // ssh2 writes a packet in pieces, and Nagle would keep the second back until the first is acknowledged: 40 ms for each answer.
  const server = createServer({ noDelay: true }, (socket) => protocol.injectSocket(socket))
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
  return {
    host: '127.0.0.1',
    port,
    hostKeyBlob: hostKey.public.split(' ')[1]!,
    stop: async () => {
      for (const connection of open) connection.end()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
