// The README's program with spoken prompts: welcomes the caller, and says back whatever it hears.
import { MediaServer, prompt, verifyFromEnv } from '@byova/media';

const file = (name: string) => prompt.file(new URL(`./prompts/${name}.wav`, import.meta.url));
const server = new MediaServer({ agents: [{ id: 'hello', name: 'Hello' }], verify: verifyFromEnv() });

server.on('session_start', async ({ session }) => {
  await session.play(file('welcome'), { bargeIn: false });
  for (;;) {
    const heard = await session.listen({ noInputMs: 6000, noInputPrompt: file('still-there') });
    if (heard.status === 'no_input') return session.end({ prompt: file('goodbye') });
    if (heard.status === 'dtmf') return session.transfer({ prompt: file('one-moment') });
    // Speaking over the echo stops it.
    const echo = await session.play(prompt.bytes(heard.utterance.toWav()));
    if (echo.status === 'interrupted') console.log(`interrupted after ${echo.heardMs} ms`);
  }
});

const { port } = await server.listen({ port: Number(process.env['PORT'] ?? 50_051) });
console.log(`listening on ${port}`);
// Calls in progress are held to their end; new ones go elsewhere.
process.once('SIGTERM', () => server.drain());
