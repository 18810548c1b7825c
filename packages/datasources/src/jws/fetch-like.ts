// What keys are fetched by, seen structurally: no type of a client library is part of this package's surface.

/** What keys are fetched by; the global `fetch` is one. */
export type FetchLike = (
  url: string,
  init: {
    readonly signal: AbortSignal;
    readonly redirect: 'error';
    readonly headers: Readonly<Record<string, string>>;
  },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;
