// The one response that the bare servers give: a prompt as WAV, and how the next input is taken. The same fields that
// @byova/media sends, so that no server has less to encode.
import { promptWav } from '../audio.ts';
import { VoiceVAInputMode } from '../contract.ts';

/** A FINAL response's fields, in the names that both protobuf libraries take, with a prompt of `promptMs` ms. */
export function bareReply(promptMs: number) {
  return {
    prompts: [{ audioContent: promptWav(promptMs), isBargeInEnabled: true }],
    inputMode: VoiceVAInputMode.INPUT_VOICE_DTMF,
    inputHandlingConfig: {
      dtmfConfig: { interDigitTimeoutMsec: 3000, dtmfInputLength: 1 },
      speechTimers: {
        maxSpeechTimeoutMsec: 60_000,
        completeTimeoutMsec: 1000,
        incompleteTimeoutMsec: 1000,
        noInputTimeoutMsec: 5000,
      },
    },
  };
}
