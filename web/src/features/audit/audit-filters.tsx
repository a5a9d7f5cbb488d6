import { AuditAction, auditOutcomes } from '@stillbox/shared/vocabulary/audit-action.ts'
import { useQuery } from '@tanstack/react-query'
import { organizations } from '../../api/queries.ts'
import { Button } from '../../ui/button.tsx'
import { SelectField, TextField } from '../../ui/field.tsx'
import { SearchField } from '../../ui/search-field.tsx'
import { SegmentedControl } from '../../ui/segmented-control.tsx'
import { type AuditSearch, fromLocalField, isNarrowed, noNarrowing, toLocalField } from './audit-search.ts'
import { actionGroups, actionWords } from './audit-words.ts'

const outcomes = ['all', ...auditOutcomes] as const

const dayMs = 86_400_000
const spans = [
  { label: 'Last 24 hours', ms: dayMs },
  { label: 'Last 7 days', ms: 7 * dayMs },
] as const

type AuditFiltersProps = { search: AuditSearch; onChange: (change: Partial<AuditSearch>) => void }

/** Who, what, to what, how it ended and when; all of it is part of the address. */
export const AuditFilters = ({ search, onChange }: AuditFiltersProps) => {
  const { data: all = [] } = useQuery(organizations())
  const chosen = search.action?.join(',') ?? ''
  const offered = new Set(actionGroups.flatMap(({ actions }) => [actions.join(','), ...actions]))
  return (
    <div data-chrome className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <SearchField
          label="Who: part of a user name"
          value={search.actor ?? ''}
          onChange={(actor) => onChange({ actor: actor || undefined })}
          width="w-full sm:w-60"
        />
        <SearchField
          label="Target: id or name exactly"
          value={search.target ?? ''}
          onChange={(target) => onChange({ target: target || undefined })}
          width="w-full sm:w-64"
        />
        <div className="w-full sm:w-64">
          <SelectField
            label="Action"
            labelHidden
            value={chosen}
            onChange={({ target }) =>
              onChange({
                action: target.value ? target.value.split(',').map((action) => AuditAction.parse(action)) : undefined,
              })
            }
          >
            <option value="">All actions</option>
            {!offered.has(chosen) && chosen !== '' && <option value={chosen}>{search.action?.length} actions</option>}
            {actionGroups.map(({ name, actions }) => (
              <optgroup key={name} label={name}>
                {actions.length > 1 && <option value={actions.join(',')}>{name}: all</option>}
                {actions.map((action) => (
                  <option key={action} value={action}>
                    {actionWords[action]}
                  </option>
                ))}
              </optgroup>
            ))}
          </SelectField>
        </div>
        {all.length > 1 && (
          <div className="w-full sm:w-48">
            <SelectField
              label="Organization"
              labelHidden
              value={search.organization ?? ''}
              onChange={({ target }) => onChange({ organization: target.value || undefined })}
            >
              <option value="">All organizations</option>
              {all.map(({ organization, name }) => (
                <option key={organization} value={organization}>
                  {name}
                </option>
              ))}
            </SelectField>
          </div>
        )}
      </div>
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-full sm:w-52">
          <TextField
            label="From (your time)"
            type="datetime-local"
            value={toLocalField(search.from)}
            onChange={({ target }) => onChange({ from: fromLocalField(target.value) })}
          />
        </div>
        <div className="w-full sm:w-52">
          <TextField
            label="Until (your time)"
            type="datetime-local"
            value={toLocalField(search.to)}
            onChange={({ target }) => onChange({ to: fromLocalField(target.value) })}
          />
        </div>
        <div className="flex flex-wrap gap-1.5 pb-0.5">
          {spans.map(({ label, ms }) => (
            <Button
              key={label}
              size="small"
              onClick={() => onChange({ from: new Date(Date.now() - ms).toISOString(), to: undefined })}
            >
              {label}
            </Button>
          ))}
          {isNarrowed(search) && (
            <Button size="small" kind="quiet" onClick={() => onChange(noNarrowing)}>
              Clear filters
            </Button>
          )}
        </div>
        <div className="min-w-0 max-w-full lg:ml-auto">
          <SegmentedControl
            legend="Outcome"
            value={search.outcome ?? 'all'}
            onChange={(outcome) => onChange({ outcome: outcome === 'all' ? undefined : outcome })}
            segments={outcomes.map((value) => ({ value, label: value }))}
          />
        </div>
      </div>
    </div>
  )
}
