// Runs the reception on PORT (50051 by default).
import { createReception } from './create-server.ts';

const server = createReception();
const { port } = await server.listen({ port: Number(process.env['PORT'] ?? 50_051) });
console.log(`listening on ${port}`);
// Calls in progress are held to their end; new ones go elsewhere.
process.once('SIGTERM', () => server.drain());
