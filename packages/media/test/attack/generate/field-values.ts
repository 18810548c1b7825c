// Values of the fields of a request, as clients write them and as nobody should: the generator picks from both.
import { PATH } from '../wire/messages.ts';
import type { Random } from './random.ts';

const PRINTABLE = ' !"#$%&\'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~';
const CONTROLS = '\0\t\n\r\x01\x0b\x1b\x7f';
const HIGH = '\x80\xa0\xc3\xa9\xe2\x82\xac\xf0\x9f\xff';

/** Text of characters that a field may or may not have. */
export function garbage(random: Random, mostCharacters = 24): string {
  const alphabet = random.weighted([
    [6, PRINTABLE],
    [2, PRINTABLE + HIGH],
    [1, PRINTABLE + CONTROLS],
    [1, HIGH],
  ]);
  return random.text(random.below(mostCharacters + 1), alphabet);
}

const METHOD_PATHS = Object.values(PATH);

/** Paths of methods that there are not, next to those that there are. */
const UNKNOWN_METHODS = [
  '/grpc.health.v1.Health/Nope',
  '/grpc.health.v1.Health/',
  '/grpc.health.v1.Health',
  '/com.cisco.wcc.ccai.v1.Health/Nope',
  '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/Nope',
  '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/',
  '/com.cisco.wcc.ccai.media.v1.ConversationAudio/Nope',
  '/a/B',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
];

const HTTP_PATHS = ['/health', '/v1/ping', '/a/v1/ping', '/a/b/v1/ping', '/v1/ping/', '/metrics', '/favicon.ico'];

const ODD_PATHS = [
  '',
  '*',
  '/',
  '//',
  '///health',
  '/health?',
  '/health#x',
  '/health;x=1',
  '/./health',
  '/../health',
  '/%',
  '/%zz',
  '/%00',
  '/%2e%2e/health',
  '/..%2fhealth',
  '/health\\',
  '\\health',
  'health',
  'http://[/',
  'http://localhost/health',
  'http://%/health',
  'https://localhost:99999999/health',
  '//[',
  '//%/x',
  '//x:99999999/health',
  '?x',
  '#',
  ':',
  '/:80',
  '[',
];

function spoilPath(random: Random, path: string): string {
  switch (random.below(12)) {
    case 0:
      return `${path}?${garbage(random)}`;
    case 1:
      return `${path}?x`;
    case 2:
      return `/${path}`;
    case 3:
      return path.replace(/\/(?=[^/]*$)/, '//');
    case 4:
      return path.replace(/\/(?=[^/]*$)/, '/./');
    case 5:
      return path.replace(/\/(?=[^/]*$)/, '%2f');
    case 6:
      return `${path}/`;
    case 7:
      return path.toLowerCase();
    case 8:
      return path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    case 9:
      return `${path}${garbage(random, 6)}`;
    case 10:
      return `http://localhost${path}`;
    default:
      return path.slice(0, random.below(path.length + 1));
  }
}

/** A path: that of a method as a rule. */
export function pathValue(random: Random): string {
  return random.weighted([
    [10, () => random.pick(METHOD_PATHS)],
    [5, () => random.pick(UNKNOWN_METHODS)],
    [3, () => random.pick(HTTP_PATHS)],
    [4, () => random.pick(ODD_PATHS)],
    [4, () => spoilPath(random, random.pick([...METHOD_PATHS, ...UNKNOWN_METHODS, ...HTTP_PATHS]))],
    [1, () => `/${garbage(random)}`],
    [1, () => garbage(random)],
    [0.3, () => `/${'a'.repeat(random.between(1000, 20_000))}`],
  ])();
}

const METHODS = [
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'PRI',
  'post',
  'Post',
  'get',
  '',
];

/** A method other than the usual. */
export function methodValue(random: Random): string {
  return random.chance(0.9) ? random.pick(METHODS) : garbage(random, 8);
}

const CONTENT_TYPES = [
  'application/grpc',
  'application/grpc+proto',
  'application/grpc+json',
  'application/grpc+thrift',
  'application/grpc-web',
  'application/grpc-web+proto',
  'application/grpc-web-text',
  'application/grpc;charset=utf-8',
  'application/grpc; x="y"',
  'application/grpc+proto ; a=b',
  'application/grpcx',
  'application/connect+proto',
  'application/proto',
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  'application',
  '/',
  ';',
  '',
  ' application/grpc',
  'application/grpc ',
  'application/grpc,application/grpc',
];

function anyCase(random: Random, text: string): string {
  switch (random.below(4)) {
    case 0:
      return text.toUpperCase();
    case 1:
      return text.replace(/^./, (letter) => letter.toUpperCase());
    case 2:
      return text.replace('grpc', 'GRPC');
    default:
      return [...text].map((letter) => (random.chance(0.5) ? letter.toUpperCase() : letter)).join('');
  }
}

/** A content type other than the usual. */
export function contentTypeValue(random: Random): string {
  const type = random.pick(CONTENT_TYPES);
  return random.weighted([
    [4, () => type],
    [3, () => anyCase(random, type)],
    [5, () => anyCase(random, random.pick(['application/grpc', 'application/grpc+proto', 'application/grpc+json']))],
    [1, () => type + garbage(random, 6)],
    [1, () => garbage(random)],
  ])();
}

const AUTHORITIES = [
  '[',
  ']',
  '[]',
  '[::1',
  '[::1]',
  '[::1]:80',
  '[zz]',
  '%',
  '%zz',
  '%00',
  'x:99999999',
  'x:-1',
  'x:',
  ':',
  ':80',
  'x:80:80',
  'x:y',
  '',
  ' ',
  'a b',
  'user@localhost',
  'user:password@localhost',
  '@',
  'localhost/health',
  'localhost?x',
  'localhost#x',
  'localhost\\x',
  '\\',
  '..',
  '999.999.999.999',
  '0x7f.1',
  'xn--',
  'xn--a',
  'a\u00ad.example',
  '<>',
  '^',
  '|',
  'https://localhost',
  '*',
];

/** An authority other than the usual. */
export function authorityValue(random: Random): string {
  return random.weighted([
    [8, () => random.pick(AUTHORITIES)],
    [2, () => garbage(random)],
    [1, () => `localhost:${garbage(random, 6)}`],
    [0.3, () => 'a'.repeat(random.between(200, 3000))],
  ])();
}

/** A value of `authorization` that is no valid token. */
export function badAuthorization(random: Random): string {
  return random.weighted([
    [3, () => 'Bearer <token:expired>'],
    [3, () => 'Bearer <token:foreign>'],
    [1, () => 'Bearer'],
    [1, () => 'Bearer '],
    [1, () => 'Basic dXNlcjpwYXNzd29yZA=='],
    [2, () => `Bearer ${garbage(random)}`],
    [2, () => `Bearer ${random.text(20, 'abcXYZ')}.${random.text(20, 'abcXYZ_-')}.${random.text(8, 'abc=')}`],
    // An algorithm of none, and numbers where objects belong.
    [1, () => 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'],
    [1, () => 'Bearer MQ.MQ.MQ'],
    [1, () => garbage(random)],
    [0.3, () => `Bearer ${'a.'.repeat(random.between(100, 4000))}`],
  ])();
}

const TIMEOUTS = [
  '1S',
  '1m',
  '0n',
  '0S',
  '99999999H',
  '1',
  '',
  'S',
  '-1S',
  '1.5S',
  '123456789S',
  '1x',
  '1u',
  '10m',
  '50m',
];
const ENCODINGS = ['identity', 'gzip', 'deflate', 'br', 'GZIP', 'gzip,identity', '', 'snappy'];
const LENGTHS = ['0', '1', '5', '17', '-1', '+5', '99999999999999999999', '0x5', '5.0', '5,5', '', ' 5', 'five'];
const EXPECTS = ['100-continue', '100-Continue', '100-continue, x', 'x', '', '200-ok'];
const TRANSFER = ['trailers', 'trailers, deflate', 'gzip', '', 'Trailers'];
const FORWARDED = ['127.0.0.1', 'for="[', '"', '[::1]', ''];

/** A further field: the names that something between the socket and the handler reads, and names that nothing reads. */
export function furtherField(random: Random): { name: string; value: string } {
  const name = random.weighted([
    [6, 'grpc-timeout'],
    [5, 'grpc-encoding'],
    [3, 'grpc-accept-encoding'],
    [3, 'content-length'],
    [6, 'expect'],
    [4, 'te'],
    [4, 'host'],
    [2, 'content-encoding'],
    [2, 'accept-encoding'],
    [2, 'transfer-encoding'],
    [2, 'connection'],
    [2, 'upgrade'],
    [1, 'keep-alive'],
    [1, 'proxy-connection'],
    [2, 'trackingid'],
    [2, 'user-agent'],
    [2, 'cookie'],
    [1, 'x-forwarded-for'],
    [1, 'forwarded'],
    [1, 'traceparent'],
    [1, 'connect-protocol-version'],
    [1, 'connect-timeout-ms'],
    [1, 'x-http-method-override'],
    [1, 'http2-settings'],
    [1, 'priority'],
    [2, 'x-bin'],
    [1, 'grpc-trace-bin'],
    [1, '__proto__'],
    [1, 'constructor'],
    [1, 'if-none-match'],
    [1, 'range'],
    [1, ''],
    [1, 'X-Upper'],
    [1, ':status'],
    [1, ':protocol'],
    [1, ':unknown'],
    [2, garbage(random, 8)],
  ] as const);
  return { name, value: furtherValue(random, name) };
}

function furtherValue(random: Random, name: string): string {
  if (random.chance(0.1)) return garbage(random);
  switch (name) {
    case 'grpc-timeout':
      return random.pick(TIMEOUTS);
    case 'grpc-encoding':
    case 'grpc-accept-encoding':
    case 'content-encoding':
    case 'accept-encoding':
      return random.pick(ENCODINGS);
    case 'content-length':
      return random.pick(LENGTHS);
    case 'expect':
      return random.pick(EXPECTS);
    case 'te':
      return random.pick(TRANSFER);
    case 'transfer-encoding':
      return random.pick(['chunked', 'identity', 'gzip, chunked', 'chunked, chunked', '']);
    case 'connection':
      return random.pick(['close', 'keep-alive', 'upgrade', 'Upgrade, HTTP2-Settings', '']);
    case 'upgrade':
      return random.pick(['h2c', 'websocket', 'HTTP/2.0', '']);
    case 'host':
      return authorityValue(random);
    case 'http2-settings':
      return random.pick(['AAMAAABkAARAAAAAAAIAAAAA', '', '%', 'AA']);
    case 'x-forwarded-for':
    case 'forwarded':
      return random.pick(FORWARDED);
    case 'x-bin':
    case 'grpc-trace-bin':
      return random.pick(['AAEC', 'A', '===', '\xff', '', 'AAEC,AAEC']);
    case ':status':
      return '200';
    case ':protocol':
      return random.pick(['websocket', 'connect-udp', '']);
    case 'x-http-method-override':
      return 'DELETE';
    default:
      return garbage(random);
  }
}
