import { expect, test } from 'vitest'
import { curlDownload, curlInvoke } from './curl.ts'

test('parameters are sent as a form and what is not set is left out', () => {
  expect(curlInvoke('https://box.example', 'ada', 'GetSnapshots', { state: 'failed', userName: undefined })).toBe(
    "curl -u 'ada' 'https://box.example/JSON/Invoke/GetSnapshots' --data-urlencode 'state=failed'",
  )
})

test('a quote in a name does not end the shell’s quoting', () => {
  expect(curlInvoke('https://box.example', 'ada', 'GetSnapshots', { userName: "o'neill; rm -rf" })).toContain(
    String.raw`--data-urlencode 'userName=o'\''neill; rm -rf'`,
  )
})

test('a download resumes and keeps its name', () => {
  expect(curlDownload('https://box.example', 'ada', 'id-1', 'a b.zip')).toBe(
    "curl --fail -u 'ada' -C - -o 'a b.zip' 'https://box.example/download/id-1'",
  )
})
