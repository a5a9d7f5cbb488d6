import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  stripSearchParams,
} from '@tanstack/react-router'
import { z } from 'zod'
import { session } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { AuditSearch } from '../features/audit/audit-search.ts'
import { noFilter, SnapshotFilter } from '../features/snapshots/snapshot-filter.ts'
import { ErrorPage, NotFoundPage } from './error-page.tsx'

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
  component: lazyRouteComponent(() => import('../features/session/sign-in-page.tsx'), 'SignInPage'),
})

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const signedIn = await context.queryClient.ensureQueryData(session())
    if (!signedIn)
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { back: location.href }, replace: true })
    // The service refuses everything else until the second factor is set up, and the profile says so.
    if (signedIn.lacksSecondFactor && location.pathname !== '/profile')
      throw redirect({ to: '/profile', replace: true })
  },
  component: lazyRouteComponent(() => import('./layout.tsx'), 'Layout'),
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
  component: lazyRouteComponent(() => import('../features/snapshots/snapshot-list-page.tsx'), 'SnapshotListPage'),
})

const createSnapshotRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/snapshots/new',
  component: lazyRouteComponent(() => import('../features/snapshots/create-snapshot-page.tsx'), 'CreateSnapshotPage'),
})

const snapshotRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/snapshots/$snapshotId',
  component: lazyRouteComponent(() => import('../features/snapshots/snapshot-page.tsx'), 'SnapshotPage'),
})

const destinationsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/destinations',
  component: lazyRouteComponent(() => import('../features/destinations/destinations-page.tsx'), 'DestinationsPage'),
})

const createDestinationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/destinations/new',
  component: lazyRouteComponent(
    () => import('../features/destinations/destination-form-page.tsx'),
    'CreateDestinationPage',
  ),
})

const destinationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/destinations/$destinationId',
  component: lazyRouteComponent(() => import('../features/destinations/destination-page.tsx'), 'DestinationPage'),
})

const editDestinationRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/destinations/$destinationId/edit',
  component: lazyRouteComponent(
    () => import('../features/destinations/destination-form-page.tsx'),
    'EditDestinationPage',
  ),
})

const auditRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit',
  validateSearch: AuditSearch,
  component: lazyRouteComponent(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
})

const systemRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/system',
  component: lazyRouteComponent(() => import('../features/system/system-page.tsx'), 'SystemPage'),
})

const accountRoutes = [
  createRoute({
    getParentRoute: () => signedInRoute,
    path: '/profile',
    component: lazyRouteComponent(() => import('../features/accounts/profile-page.tsx'), 'ProfilePage'),
  }),
  createRoute({
    getParentRoute: () => signedInRoute,
    path: '/accounts',
    component: lazyRouteComponent(() => import('../features/accounts/accounts-page.tsx'), 'AccountsPage'),
  }),
  createRoute({
    getParentRoute: () => signedInRoute,
    path: '/accounts/new',
    component: lazyRouteComponent(() => import('../features/accounts/create-account-page.tsx'), 'CreateAccountPage'),
  }),
  // Apart from /accounts/new, since an account may be called “new”.
  createRoute({
    getParentRoute: () => signedInRoute,
    path: '/accounts/by-name/$userName',
    component: lazyRouteComponent(() => import('../features/accounts/account-page.tsx'), 'AccountPage'),
  }),
] as const

/** Every other address: a page like the others, so that the frame stays and leads back. */
const unknownRoute = createRoute({ getParentRoute: () => signedInRoute, path: '$', component: NotFoundPage })

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    signedInRoute.addChildren([
      homeRoute,
      snapshotListRoute,
      createSnapshotRoute,
      snapshotRoute,
      destinationsRoute,
      createDestinationRoute,
      destinationRoute,
      editDestinationRoute,
      auditRoute,
      systemRoute,
      ...accountRoutes,
      unknownRoute,
    ]),
  ]),
  context: { queryClient },
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
  // A page's code is fetched when the pointer or the focus comes to its link.
  defaultPreload: 'intent',
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
