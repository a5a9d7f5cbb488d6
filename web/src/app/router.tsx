import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  notFound,
  Outlet,
  redirect,
  stripSearchParams,
} from '@tanstack/react-router'
import { z } from 'zod'
import { session } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { SignInPage } from '../features/session/sign-in-page.tsx'
import { CreateSnapshotPage } from '../features/snapshots/create-snapshot-page.tsx'
import { noFilter, SnapshotFilter } from '../features/snapshots/snapshot-filter.ts'
import { SnapshotListPage } from '../features/snapshots/snapshot-list-page.tsx'
import { SnapshotPage } from '../features/snapshots/snapshot-page.tsx'
import { SystemPage } from '../features/system/system-page.tsx'
import { ErrorPage, NotFoundPage } from './error-page.tsx'
import { Layout } from './layout.tsx'

const rootRoute = createRootRouteWithContext<{ queryClient: typeof queryClient }>()({
  component: Outlet,
  notFoundComponent: NotFoundPage,
})

/** Only a path of this product: a link must not be able to lead elsewhere after the sign-in. */
const BackPath = z
  .string()
  .regex(/^\/(?![/\\])/)
  .optional()
  .catch(undefined)

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: z.object({ back: BackPath }),
  beforeLoad: async ({ context, search }) => {
    const signedIn = await context.queryClient.ensureQueryData(session()).catch(() => null)
    if (signedIn) throw redirect({ href: search.back ?? '/snapshots' })
  },
  component: SignInPage,
})

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const signedIn = await context.queryClient.ensureQueryData(session())
    if (!signedIn)
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { back: location.href }, replace: true })
  },
  component: Layout,
})

const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/snapshots', replace: true })
  },
})

const snapshotListRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/snapshots',
  validateSearch: SnapshotFilter,
  search: { middlewares: [stripSearchParams(noFilter)] },
  component: SnapshotListPage,
})

const createSnapshotRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/snapshots/new',
  component: CreateSnapshotPage,
})

const snapshotRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/snapshots/$snapshotId',
  params: {
    parse: ({ snapshotId }) => {
      const id = SnapshotId.safeParse(snapshotId)
      if (!id.success) throw notFound()
      return { snapshotId: id.data }
    },
    stringify: ({ snapshotId }) => ({ snapshotId }),
  },
  component: SnapshotPage,
})

const systemRoute = createRoute({ getParentRoute: () => signedInRoute, path: '/system', component: SystemPage })

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    signedInRoute.addChildren([homeRoute, snapshotListRoute, createSnapshotRoute, snapshotRoute, systemRoute]),
  ]),
  context: { queryClient },
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
  // Plain strings: a user name may be a customer number, and the usual reading would make a number of it.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '')
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
    return text ? `?${text}` : ''
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
