// `GET /v1/authorize` and the page on which a person allows or refuses, with an id that is good for one answer.
import { document, markup } from '../http/markup.ts';
import { page, type Reply, redirect } from '../http/reply.ts';
import { readForm } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import { randomLetters } from '../random-text.ts';
import type { Settings } from '../settings.ts';
import { type AuthorizeRequest, readAuthorizeRequest, redirectTo } from './authorize-request.ts';
import type { Clients } from './clients.ts';
import type { CodeStore } from './code-store.ts';

const CONSENT_LIFETIME_MS = 10 * 60 * 1000;

interface Parts {
  readonly clients: Clients;
  readonly codes: CodeStore;
  readonly settings: Settings;
  readonly now: () => number;
  readonly developer: { readonly displayName: string; readonly email: string };
}

function problemPage(problem: string): Reply {
  return page(document('This request cannot be answered', markup`<p>${problem}</p>`), { status: 400 });
}

/** The routes. */
export function authorizeRoutes(parts: Parts): readonly Route[] {
  const { clients, codes, settings, now, developer } = parts;
  const consents = new Map<string, { readonly request: AuthorizeRequest; readonly expiresAt: number }>();

  const approve = (request: AuthorizeRequest): string =>
    redirectTo(request.redirectUri, { code: codes.create(request), state: request.state });
  const deny = ({ redirectUri, state }: AuthorizeRequest): string =>
    redirectTo(redirectUri, { error: 'access_denied', error_description: 'The person refused.', state });

  function consentPage(request: AuthorizeRequest): Reply {
    for (const [id, { expiresAt }] of consents) if (expiresAt <= now()) consents.delete(id);
    const id = randomLetters(32);
    consents.set(id, { request, expiresAt: now() + CONSENT_LIFETIME_MS });
    const scopes = request.scopes.map((scope) => markup`<li><code>${scope}</code></li>`);
    const content = markup`<p>You are ${developer.displayName} (${developer.email}). The Integration
<code>${request.client.clientId}</code> asks for:</p>
<ul>${scopes}</ul>
<p>The answer goes to <code>${request.redirectUri}</code>.</p>
<form method="post" action="/v1/authorize">
<input type="hidden" name="consent" value="${id}">
<button name="decision" value="approve">Allow</button>
<button name="decision" value="deny">Refuse</button>
</form>`;
    return page(document('Allow access?', content));
  }

  return [
    {
      method: 'GET',
      path: '/v1/authorize',
      handler: ({ query }) => {
        const read = readAuthorizeRequest(clients, query);
        if (read.kind === 'page') return problemPage(read.problem);
        if (read.kind === 'redirect') return redirect(read.location, 302);
        const { request, prompts } = read;
        if (prompts.includes('none')) {
          const { redirectUri, state } = request;
          return redirect(redirectTo(redirectUri, { error: 'login_required', state }), 302);
        }
        if (settings.consent === 'approve') return redirect(approve(request), 302);
        if (settings.consent === 'deny') return redirect(deny(request), 302);
        return consentPage(request);
      },
    },
    {
      method: 'POST',
      path: '/v1/authorize',
      handler: (request) => {
        const form = readForm(request);
        const id = form.get('consent') ?? '';
        const decision = form.get('decision');
        const consent = consents.get(id);
        if (consent === undefined || now() >= consent.expiresAt) {
          return problemPage('This page has been answered already, or it is too old. Start again.');
        }
        if (decision !== 'approve' && decision !== 'deny') return problemPage('The decision is missing.');
        consents.delete(id);
        return redirect(decision === 'approve' ? approve(consent.request) : deny(consent.request), 303);
      },
    },
  ];
}
