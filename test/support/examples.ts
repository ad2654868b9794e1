/** The TypeScript examples of a document, as they stand there. */
import { readDocument } from './named-tests.ts'

export const examplesIn = (path: string): readonly string[] =>
  [...readDocument(path).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? '')
