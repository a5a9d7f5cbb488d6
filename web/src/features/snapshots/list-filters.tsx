import type { Answer } from '@stillbox/shared/contract/registry.ts'
import type { GetSnapshotsParams } from '@stillbox/shared/contract/snapshot-methods.ts'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { controlLook } from '../../ui/field.tsx'
import { SearchField } from '../../ui/search-field.tsx'
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
      <SearchField
        label="Search user name"
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
