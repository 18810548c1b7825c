// The customer of all calls of a run, in their messages and in their token.

/** The organization's id. */
export const ORGANIZATION = '3d6e2f1a-0b57-4c7e-9a51-5f0c2b8e7d44';
