// The site: guides by hand, the API reference made from the docstrings.
import { readFileSync } from 'node:fs';
import { type DefaultTheme, defineConfig } from 'vitepress';

const api: DefaultTheme.SidebarItem[] = JSON.parse(
  readFileSync(new URL('../api/typedoc-sidebar.json', import.meta.url), 'utf8'),
);

export default defineConfig({
  title: 'byova',
  description: 'Voice agents on Webex Contact Center',
  cleanUrls: true,
  srcExclude: ['.examples/**'],
  // The one large chunk is the index of the search over the API reference. It loads when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/quick-start' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          { text: 'Quick start', link: '/guide/quick-start' },
          { text: 'Concepts', link: '/guide/concepts' },
          { text: 'Testing', link: '/guide/testing' },
          { text: 'A local Webex', link: '/guide/local-webex' },
          { text: 'Conformance', link: '/guide/conformance' },
        ],
      },
      {
        text: 'Conversations',
        items: [
          { text: 'Replies and interruptions', link: '/guide/replies' },
          { text: 'Collecting input', link: '/guide/collecting-input' },
          { text: 'The turn reducer', link: '/guide/reducer' },
          { text: 'Audio and speech', link: '/guide/audio' },
          { text: 'Session state', link: '/guide/session-state' },
          { text: 'Recording and transcript', link: '/guide/recording' },
          { text: 'Listening to calls', link: '/guide/forking' },
        ],
      },
      {
        text: 'Webex',
        items: [
          { text: 'Authorization', link: '/guide/authorization' },
          { text: 'Organizations', link: '/guide/organizations' },
          { text: 'Token stores', link: '/guide/token-stores' },
          { text: 'Webhooks', link: '/guide/webhooks' },
          { text: 'Calling Webex', link: '/guide/http-client' },
          { text: 'Data sources', link: '/guide/data-sources' },
          { text: 'Verifying calls', link: '/guide/verifying-calls' },
        ],
      },
      {
        text: 'Operations',
        items: [
          { text: 'Running a server', link: '/guide/operations' },
          { text: 'Scaling', link: '/guide/scaling' },
          { text: 'Observability', link: '/guide/observability' },
          { text: 'Errors', link: '/guide/errors' },
        ],
      },
      { text: 'API', items: api },
    ],
    search: { provider: 'local' },
  },
});
