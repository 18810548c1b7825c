// Ids of calls, organizations, agents and legs: a server keeps them for as long as a call, so that their length is bounded.

/** The longest id, in characters. Those of Webex have 36. */
const MAX_ID_LENGTH = 256;

/** Whether an id is short enough to be kept. */
export function isIdUsable(id: string): boolean {
  return id.length <= MAX_ID_LENGTH;
}
