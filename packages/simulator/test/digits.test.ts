// How the caller's side collects digits, as the agent's last reply asked.
import { describe, expect, it } from 'vitest';
import { assertCallPassed, type CallStep } from '../src/index.ts';
import { final, type InputOptions, Mode, wav } from './support/messages.ts';
import { codes, entries, entry, place, purposes } from './support/place.ts';
import { politeAgent } from './support/polite-agent.ts';

async function collect(input: InputOptions, script: readonly CallStep[], sendTerminator = true) {
  const received: string[] = [];
  const reply = () => [final([wav(100)], input)];
  const onDigits = (digits: string) => {
    received.push(digits);
    return reply();
  };
  const call = await place(politeAgent({ welcome: reply, onDigits }), {
    script: [{ waitForPrompt: {} }, ...script],
    sendTerminator,
  });
  return { ...call, received };
}

describe('digits', () => {
  it('are sent as soon as there are enough of them', async () => {
    const { report, received } = await collect({ digits: 4 }, [{ press: '1209' }]);
    assertCallPassed(report);
    expect(received).toEqual(['1209']);
    expect(entry(report, 'digits_sent')).toMatchObject({ digits: '1209', because: 'length' });
  });

  it('are sent at the terminator, with it or without', async () => {
    const withIt = await collect({ digits: 9, terminator: '#' }, [{ press: '12#' }]);
    const withoutIt = await collect({ digits: 9, terminator: '#' }, [{ press: '12#' }], false);
    expect(withIt.received).toEqual(['12#']);
    expect(withoutIt.received).toEqual(['12']);
    expect(entry(withIt.report, 'digits_sent').because).toBe('terminator');
  });

  it('are sent after the pause that the agent named', async () => {
    const { report, received } = await collect({ digits: 9, interDigitMs: 1500 }, [{ press: '12', everyMs: 1000 }]);
    expect(received).toEqual(['12']);
    const sent = entry(report, 'digits_sent');
    expect(sent.because).toBe('timeout');
    const last = entries(report, 'key_pressed')[1];
    expect(sent.atMs - (last?.atMs ?? 0)).toBeCloseTo(1500, 0);
  });

  it('are collected without a length until the pause', async () => {
    const { received } = await collect({ digits: 0, interDigitMs: 500 }, [{ press: '123456' }]);
    expect(received).toEqual(['123456']);
  });

  it('swallow a terminator that is pressed right after they were complete', async () => {
    const { report, received } = await collect({ digits: 4, terminator: '#' }, [{ press: '1234#' }]);
    expect(received).toEqual(['1234']);
    expect(entry(report, 'input_dropped').because).toBe('terminator_after_length');
  });

  it('take a terminator that is pressed on its own for an input', async () => {
    const script: CallStep[] = [{ press: '1234' }, { waitForPrompt: {} }, { press: '#' }];
    const { received } = await collect({ digits: 4, terminator: '#' }, script);
    expect(received).toEqual(['1234', '#']);
  });

  it('are announced in an RPC of their own when no audio RPC is open', async () => {
    const { report } = await collect({ digits: 2, mode: Mode.INPUT_EVENT_DTMF }, [{ press: '12' }]);
    assertCallPassed(report);
    expect(purposes(report)).toEqual(['session_start', 'start_of_dtmf', 'dtmf', 'session_end']);
    const announced = entry(report, 'event_sent', ({ event }) => event === 'start_of_dtmf');
    expect(announced.atMs).toBeCloseTo(entry(report, 'key_pressed').atMs, 0);
  });

  it('are not taken where the agent asked for speech alone', async () => {
    const { report, received } = await collect({ mode: Mode.INPUT_VOICE }, [{ press: '1' }, { wait: 100 }]);
    expect(received).toEqual([]);
    expect(entry(report, 'input_dropped')).toMatchObject({ input: 'key', because: 'mode_without_keys' });
  });

  it('are not taken before the agent has replied to the ones before', async () => {
    const later = politeAgent({
      onDigits: (_digits, rpc) => {
        setTimeout(() => {
          rpc.send(final([wav(100)]));
          rpc.complete();
        }, 300);
        return 'later';
      },
    });
    const { report } = await place(later, { script: [{ press: '12', everyMs: 100 }, { waitForPrompt: {} }] });
    expect(entries(report, 'digits_sent').map(({ digits }) => digits)).toEqual(['1']);
    expect(entry(report, 'input_dropped').because).toBe('not_listening');
  });

  it('are hidden in the timeline when the agent marked the input as sensitive, and sent all the same', async () => {
    const { report, received } = await collect({ digits: 4, sensitive: true }, [{ press: '4711' }]);
    expect(codes(report)).toEqual([]);
    expect(received).toEqual(['4711']);
    expect(entry(report, 'digits_sent').digits).toBe('••••');
    expect(JSON.stringify(report.timeline)).not.toContain('4711');
    expect(entries(report, 'key_pressed').map(({ key }) => key)).toEqual(['•', '•', '•', '•']);
  });
});
