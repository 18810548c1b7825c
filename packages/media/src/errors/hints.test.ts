// That whoever catches an error of the media server finds out what to do.
import { expect, it } from 'vitest';
import { HINTS } from './hints.ts';
import { MediaError, type MediaErrorCode, SessionEndedError } from './media-errors.ts';

it.each(Object.keys(HINTS) as MediaErrorCode[])('%s has a hint, which a log shows', (code) => {
  const error = new MediaError({ code, message: 'failed' });
  expect(error.hint).toMatch(/^[A-Z].*\.$/);
  expect(Object.keys(error)).toContain('hint');
});

it('its subclasses have it too', () => {
  expect(new SessionEndedError('ended').hint).toBe(HINTS.SESSION_ENDED);
});
