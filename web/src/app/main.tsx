import './no-eval.ts'
import '../styles/index.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from '../api/query-client.ts'
import { applyTheme, storedTheme } from '../ui/theme.ts'
import { announceRoutes } from './route-announcer.ts'
import { router } from './router.tsx'

applyTheme(storedTheme())
announceRoutes(router)

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
