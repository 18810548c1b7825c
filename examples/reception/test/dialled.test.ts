// The reception called in this process, on a fake clock: what takes a caller a minute takes a test some ms.
import { dial, readCallScenario, runScenario } from '@byova/media/testing';
import { expect, it } from 'vitest';
import { createReception } from '../create-server.ts';

const server = createReception({ verify: { enforce: false } });
const prompt = (name: string): URL => new URL(`../prompts/${name}.wav`, import.meta.url);

it('tells the hours over and over, to a caller who does not listen to the end', async () => {
  const call = await dial(server, {
    texts: [
      [prompt('menu'), 'For billing, press 1'],
      [prompt('hours'), 'We are open'],
    ],
  });
  await call.heard(/press 1/);
  await call.press('3');
  await call.heard('We are open', { until: 'start' });
  await call.wait(500);
  await call.press('3');
  await call.heard('We are open');
  await call.heard(/press 1/);
  // Nothing more is said: asked twice, the caller is let go.
  await call.heard(prompt('goodbye'));
  await call.ended();
});

it('takes the scenario that byova-sim takes', async () => {
  const scenario = await readCallScenario(new URL('../support.call.yaml', import.meta.url));
  expect((await runScenario(server, scenario)).ending?.metadata).toMatchObject({ queue: 'support' });
});
