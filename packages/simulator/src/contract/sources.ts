// The public documents that a rule of the contract is taken from, each at the state that was read.

const SAMPLES =
  'https://github.com/CiscoDevNet/webex-contact-center-provider-sample-code/blob/244b711e466e17d2c6c34bce284a587da9f0bef1';
const CONNECTOR = `${SAMPLES}/media-service-api/dialog-connector-simulator`;
const SCHEMAS = 'https://github.com/webex/dataSourceSchemas/blob/b0d751f1141c8ca646cfb2d48daac00927ce5971/Services';
const VOICE = `${SCHEMAS}/VoiceVirtualAgent/5397013b-7920-4ffc-807c-e8a3e0a18f43/Proto`;

/** The short name of a source. */
export type SourceName =
  | 'rpcs'
  | 'events'
  | 'digits'
  | 'audio'
  | 'wav'
  | 'chunk'
  | 'bargeIn'
  | 'end'
  | 'client'
  | 'formats'
  | 'token'
  | 'partial'
  | 'oneEvent'
  | 'inputConfig'
  | 'final'
  | 'defaultAgent'
  | 'agents'
  | 'metadata'
  | 'forking'
  | 'webSocket';

/** Addresses of what Cisco and Webex state, by a short name. */
export const SOURCES: Readonly<Record<SourceName, string>> = Object.freeze({
  /** When an RPC is half-closed and completed. */
  rpcs: `${CONNECTOR}/README.md#grpc-bi-directional-streaming-guidelines`,
  /** Welcome, END_OF_INPUT, NO_INPUT and input modes. */
  events: `${CONNECTOR}/README.md#virtual-agent-streaming-and-event-handling-guidelines`,
  digits: `${CONNECTOR}/README.md#step-2-dtmf-input-flow`,
  /** WAV or CHUNK, and the sizes of a CHUNK. */
  audio: `${CONNECTOR}/README.md#step-3-audio-input-flow`,
  wav: `${CONNECTOR}/README.md#step-31-wav-audio-streaming`,
  chunk: `${CONNECTOR}/README.md#step-32-chunk-audio-streaming`,
  bargeIn: `${CONNECTOR}/README.md#step-4-barge-in-prompts`,
  end: `${CONNECTOR}/README.md#step-5-call-termination-transfer-and-custom-event`,
  /** Cisco's own client: what it sends, and what it waits for. */
  client: `${CONNECTOR}/src/main/java/com/cisco/wccai/grpc/client/VoiceVAClientImpl.java`,
  formats: `${SAMPLES}/README.md#supported-audio-configurations`,
  token: `${SAMPLES}/README.md#jws-validation-while-grpc-connection`,
  partial: `${VOICE}/voicevirtualagent.proto#L25`,
  oneEvent: `${VOICE}/voicevirtualagent.proto#L84`,
  inputConfig: `${VOICE}/voicevirtualagent.proto#L96`,
  final: `${VOICE}/voicevirtualagent.proto#L113`,
  defaultAgent: `${VOICE}/byova_common.proto#L120`,
  agents: `${VOICE}/byova_common.proto#L129`,
  metadata: `${VOICE}/byova_common.proto#L176`,
  forking: `${SCHEMAS}/AudioForking/523e1b7f-4693-47bc-b84e-a7b7a505fb0b/Proto/conversationaudioforking.proto#L57`,
  webSocket: `${SCHEMAS}/VoiceVirtualAgent_WebSocket/a38a10b7-43e4-4676-a076-a7d6dce9387d/AsyncApiSpec/VoiceVirtualAgent_WsSchema.json`,
});
