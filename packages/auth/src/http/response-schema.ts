// How a response is checked: structurally, so that no type of the library that checks is part of this package's surface.

/** Something that checks a value and gives it typed; every zod schema is one. */
export interface ResponseSchema<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: ResponseProblems };
}

/** What is wrong with a value, by place. */
export interface ResponseProblems {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** The places that are wrong, without the values: those may be secret. */
export function describeProblems({ issues }: ResponseProblems): string {
  return issues
    .slice(0, 5)
    .map(({ path }) => (path.length === 0 ? 'the body' : path.map(String).join('.')))
    .join(', ');
}
