/** Every word is one syllable. */
export const syllables = (word) => [word];
