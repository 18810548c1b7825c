// The one place that reads method, path and content type of a request. Requests are closed by default: what is not listed here
// ends here, and an RPC that is listed needs an Admission.

/** The RPCs that need an admission. */
export type RpcMethod = 'process_caller_input' | 'list_virtual_agents' | 'stream_conversation_audio';

/** The methods of both health services. Probes call them without a token. */
export type HealthMethod = 'grpc_check' | 'grpc_list' | 'grpc_watch' | 'cisco_check' | 'cisco_watch';

/** The two paths that load balancers and Webex ask by plain HTTP. */
export type Probe = 'health' | 'ping';

/** Where a request goes. */
export type Route =
  | { readonly kind: 'rpc'; readonly method: RpcMethod; readonly name: string }
  | { readonly kind: 'health'; readonly method: HealthMethod }
  | { readonly kind: 'probe'; readonly probe: Probe }
  /** gRPC, for a method that does not exist: UNIMPLEMENTED. */
  | { readonly kind: 'unknown_method' }
  /** Ends with an HTTP status. */
  | { readonly kind: 'rejected'; readonly status: 404 | 405 | 415 };

/** The head of a request. */
export interface RequestHead {
  /** Case-sensitive (RFC 9110, 9.1). */
  readonly method: string | undefined;
  /** As it came, query included. Case-sensitive. */
  readonly path: string | undefined;
  readonly contentType: string | undefined;
}

const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';
const FORKING = 'com.cisco.wcc.ccai.media.v1.ConversationAudio';

/** The full names of the RPCs. A test compares them with the contract. */
export const RPC_NAMES: Readonly<Record<RpcMethod, string>> = {
  process_caller_input: `${VOICE}/ProcessCallerInput`,
  list_virtual_agents: `${VOICE}/ListVirtualAgents`,
  stream_conversation_audio: `${FORKING}/StreamConversationAudio`,
};

/** The full names of the health methods. */
export const HEALTH_NAMES: Readonly<Record<HealthMethod, string>> = {
  grpc_check: 'grpc.health.v1.Health/Check',
  grpc_list: 'grpc.health.v1.Health/List',
  grpc_watch: 'grpc.health.v1.Health/Watch',
  cisco_check: 'com.cisco.wcc.ccai.v1.Health/Check',
  cisco_watch: 'com.cisco.wcc.ccai.v1.Health/Watch',
};

/** One object for each destination, so that routing allocates nothing. */
const METHODS: ReadonlyMap<string, Route> = new Map<string, Route>([
  ...(Object.keys(RPC_NAMES) as RpcMethod[]).map((method): [string, Route] => [
    `/${RPC_NAMES[method]}`,
    { kind: 'rpc', method, name: RPC_NAMES[method] },
  ]),
  ...(Object.keys(HEALTH_NAMES) as HealthMethod[]).map((method): [string, Route] => [
    `/${HEALTH_NAMES[method]}`,
    { kind: 'health', method },
  ]),
]);

const HEALTH_PROBE: Route = { kind: 'probe', probe: 'health' };
const PING_PROBE: Route = { kind: 'probe', probe: 'ping' };
const UNKNOWN_METHOD: Route = { kind: 'unknown_method' };
const NOT_FOUND: Route = { kind: 'rejected', status: 404 };
const METHOD_NOT_ALLOWED: Route = { kind: 'rejected', status: 405 };
const UNSUPPORTED_MEDIA_TYPE: Route = { kind: 'rejected', status: 415 };

const PING_PATH = /^(?:\/[^/]+)*\/v1\/ping$/;

const GRPC = 'application/grpc';

/** The longest content type that is read, in characters. */
const MAX_CONTENT_TYPE_LENGTH = 256;

/** Type and subtype in lower case, without parameters (RFC 9110, 8.3.1). */
function mediaType(contentType: string | undefined): string {
  if (contentType === undefined || contentType.length > MAX_CONTENT_TYPE_LENGTH) return '';
  const [essence = ''] = contentType.split(';', 1);
  return essence.trim().toLowerCase();
}

/** A probe's route by its path; queries are allowed. */
function routeProbe({ method, path = '' }: RequestHead): Route {
  if (method !== 'GET' && method !== 'HEAD') return NOT_FOUND;
  const [bare = ''] = path.split('?', 1);
  if (bare === '/health') return HEALTH_PROBE;
  return PING_PATH.test(bare) ? PING_PROBE : NOT_FOUND;
}

/** Finds where an HTTP/2 request goes. */
export function routeHttp2(head: RequestHead): Route {
  const { method, path = '', contentType } = head;
  const known = METHODS.get(path);
  const type = mediaType(contentType);
  if (known !== undefined) {
    if (method !== 'POST') return METHOD_NOT_ALLOWED;
    // gRPC over HTTP/2: "If Content-Type does not begin with application/grpc, servers SHOULD respond with 415".
    return type === GRPC || type === `${GRPC}+proto` ? known : UNSUPPORTED_MEDIA_TYPE;
  }
  if (method === 'POST' && (type === GRPC || type.startsWith(`${GRPC}+`))) return UNKNOWN_METHOD;
  return routeProbe(head);
}

/** Finds where an HTTP/1.1 request goes: to a probe, or nowhere, since gRPC needs HTTP/2. */
export function routeHttp1(head: RequestHead): Route {
  return routeProbe(head);
}
