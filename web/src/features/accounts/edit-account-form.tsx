import { useState } from 'react'
import { useChangeAccount } from '../../api/account-mutations.ts'
import { formErrors } from '../../api/form-errors.ts'
import { Button } from '../../ui/button.tsx'
import { FormError } from '../../ui/field.tsx'
import { showToast } from '../../ui/toast.tsx'
import { useFaultFocus } from '../../ui/use-fault-focus.ts'
import { type Account, changesBetween, draftFaults, draftOf, draftWords } from './account-draft.ts'
import { AccountFields } from './account-fields.tsx'

/** What an account is; only what was changed is sent. */
export const EditAccountForm = ({ account }: { account: Account }) => {
  const [draft, setDraft] = useState(() => draftOf(account))
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  const change = useChangeAccount()
  const form = useFaultFocus(change.error ?? faults)
  const changes = changesBetween(account, draft)
  const refused = formErrors(change.error, draftWords)
  return (
    <form
      ref={form}
      className="flex max-w-160 flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        if (change.isPending || changes.length === 0) return
        const found = draftFaults(draft)
        setFaults(found)
        if (Object.keys(found).length > 0) return change.reset()
        change.mutate(changes, {
          onSuccess: () => showToast('good', `The account ${account.userName} was changed.`),
        })
      }}
    >
      <AccountFields
        draft={draft}
        errors={{ ...refused.fields, ...faults }}
        onChange={(part) => {
          setFaults({})
          setDraft({ ...draft, ...part })
        }}
      />
      <FormError>{refused.form && `${refused.form} What you entered is kept.`}</FormError>
      <div>
        <Button
          type="submit"
          kind="primary"
          busy={change.isPending}
          disabledReason={changes.length === 0 ? 'Nothing was changed.' : null}
        >
          {change.isPending ? 'Saving…' : 'Save changes'}
        </Button>
      </div>
    </form>
  )
}
