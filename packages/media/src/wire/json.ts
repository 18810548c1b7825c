// Plain JSON, as parameters and metadata travel between the flow and an agent.

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** A JSON object: `parameters` from the flow, `metadata` to it. A Struct on the wire. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
