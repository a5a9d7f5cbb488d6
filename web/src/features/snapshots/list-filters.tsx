import type { Answer } from '@stillbox/shared/contract/registry.ts'
import type { GetSnapshotsParams } from '@stillbox/shared/contract/snapshot-methods.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { controlLook } from '../../ui/field.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'

type State = GetSnapshotsParams['state']
type Organization = Answer<'GetOrganizations'>['organizations'][number]

const offered: readonly State[] = ['all', 'available', 'failed', 'uploading', 'dumped', 'dumping', 'pending']

type ListFiltersProps = {
  filter: GetSnapshotsParams
  onChange: (change: Partial<GetSnapshotsParams>) => void
  totalByState: Readonly<Partial<Record<State, number>>> | undefined
  organizations: readonly Organization[]
}

/** Search on the left, the state in the upper right. */
export const ListFilters = ({ filter, onChange, totalByState, organizations }: ListFiltersProps) => {
  const states = offered.includes(filter.state) ? offered : [...offered, filter.state]
  const all = offered.reduce((sum, state) => sum + (totalByState?.[state] ?? 0), 0)
  return (
    <div data-chrome className="flex flex-wrap items-center gap-3">
      <UserNameSearch
        value={filter.userName ?? ''}
        onChange={(userName) => onChange({ userName: userName || undefined })}
      />
      {organizations.length > 1 && (
        <label className="w-full sm:w-48">
          <span className="sr-only">Organization</span>
          <select
            value={filter.organization ?? ''}
            onChange={({ target }) =>
              onChange({ organization: target.value ? OrganizationId.parse(target.value) : undefined })
            }
            className={controlLook()}
          >
            <option value="">All organizations</option>
            {organizations.map(({ organization, name }) => (
              <option key={organization} value={organization}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="min-w-0 max-w-full lg:ml-auto">
        <SegmentedControl
          legend="State"
          value={filter.state}
          onChange={(state) => onChange({ state })}
          segments={states.map((state) => ({
            value: state,
            label: state,
            count: totalByState && (state === 'all' ? all : (totalByState[state] ?? 0)),
          }))}
        />
      </div>
    </div>
  )
}

/** Follows the typing after a short rest, and the address when that changes by other means. */
const UserNameSearch = ({ value, onChange }: { value: string; onChange: (value: string) => void }) => {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  if (known !== value) {
    setKnown(value)
    if (text.trim() !== value) setText(value)
  }
  return (
    <label className="relative w-full sm:w-56">
      <span className="sr-only">Search user name</span>
      <Search size={14} className="pointer-events-none absolute top-2.25 left-2.5 text-soft" aria-hidden="true" />
      <input
        type="search"
        value={text}
        maxLength={320}
        placeholder="Search user name"
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => {
          setText(target.value)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => onChange(target.value.trim()), 250)
        }}
        className={`${controlLook()} pl-8`}
      />
    </label>
  )
}
