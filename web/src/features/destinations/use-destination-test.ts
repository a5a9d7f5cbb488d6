import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import { useTestDestination } from '../../api/destinations.ts'
import { announce } from '../../ui/toast.tsx'

/** Tests a destination: signs in there, writes a small file and removes it. The result stands beside the button. */
export const useDestinationTest = (destination: Destination | undefined) => {
  const test = useTestDestination()
  return {
    isPending: test.isPending,
    /** Why there is no result, or what the test itself was refused for. */
    error: test.error,
    run: (): void => {
      if (!destination) return
      const { name } = destination
      test.mutate(destination, {
        onSuccess: ({ lastTest }) =>
          announce(
            lastTest?.error ? `The test of ${name} failed: ${lastTest.error}` : `The destination ${name} works.`,
          ),
        onError: () => announce(`The test of ${name} failed.`),
      })
    },
  }
}
