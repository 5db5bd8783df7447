/**
 * Stands in for `@react-pdf/hyphenate/en-us` in the bundles: the documents break their lines themselves, so the
 * dictionary of English syllables is never asked.
 */
export const syllables = (word: string): string[] => [word];
