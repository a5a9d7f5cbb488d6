import type { Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { Check, Circle, CircleDot, X } from 'lucide-react'
import { classNames } from '../../ui/class-names.ts'
import { Duration, Moment } from '../../ui/figures.tsx'
import { type Step, stepsOf } from './steps.ts'

const icons = { done: Check, current: CircleDot, ahead: Circle, failed: X } as const
const looks: Readonly<Record<Step['phase'], string>> = {
  done: 'border-accent bg-accent text-on-accent',
  current: 'border-accent bg-raised text-accent',
  ahead: 'border-line-strong bg-surface text-transparent',
  failed: 'border-failed bg-failed text-surface',
}

/** The states as a line of steps, each with when it was reached and how long it lasted. */
export const StepLine = ({ snapshot, nowMs }: { snapshot: Snapshot; nowMs: number }) => (
  <ol className="flex flex-col gap-3 sm:flex-row sm:gap-0">
    {stepsOf(snapshot, nowMs).map(({ state, phase, at, ms }, index, all) => {
      const Icon = icons[phase]
      const isLast = index === all.length - 1
      return (
        <li
          key={state}
          aria-current={phase === 'current' ? 'step' : undefined}
          className={classNames('flex gap-3 sm:flex-col sm:gap-2', !isLast && 'sm:flex-1')}
        >
          <div className="flex items-center">
            <span className={classNames('grid size-5 shrink-0 place-items-center rounded-full border-2', looks[phase])}>
              <Icon size={12} strokeWidth={3} aria-hidden="true" />
            </span>
            {!isLast && (
              <span
                className={classNames(
                  'mx-1.5 hidden h-0.5 flex-1 sm:block',
                  phase === 'done' ? 'bg-accent' : 'bg-line',
                )}
              />
            )}
          </div>
          <div className="flex flex-col">
            <span
              className={classNames(
                'text-14 font-medium',
                phase === 'ahead' && 'font-normal text-soft',
                phase === 'failed' && 'text-failed',
              )}
            >
              {state}
            </span>
            <span className="text-12 text-soft">
              {at ? <Moment at={at} /> : phase === 'ahead' ? 'ahead' : 'passed'}
              {ms !== null && (
                <>
                  {' · '}
                  <Duration ms={ms} />
                </>
              )}
            </span>
          </div>
        </li>
      )
    })}
  </ol>
)
