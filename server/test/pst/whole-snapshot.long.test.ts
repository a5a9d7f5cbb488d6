import { wholeSnapshot } from './whole-snapshot.ts'

wholeSnapshot(1)
