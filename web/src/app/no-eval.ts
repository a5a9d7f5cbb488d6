import { z } from 'zod'

// The Content-Security-Policy forbids eval; zod would try it once and the browser would report the attempt.
// Imported before everything that defines a schema.
z.config({ jitless: true })
