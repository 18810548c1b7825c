// The site: guides by hand, the API reference made from the docstrings.
import { readFileSync } from 'node:fs';
import { type DefaultTheme, defineConfig } from 'vitepress';

const api: DefaultTheme.SidebarItem[] = JSON.parse(
  readFileSync(new URL('../api/typedoc-sidebar.json', import.meta.url), 'utf8'),
);

const guide: DefaultTheme.SidebarItem[] = [
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
];

/**
 * Makes the sidebar of a page: the guide, the entries of the API reference, and the links of the entry that the page belongs to.
 * All 600 links on each of 550 pages would take most of the build's time and of the site's size.
 */
function sidebar(open?: DefaultTheme.SidebarItem): DefaultTheme.SidebarItem[] {
  const items = api.map((entry) =>
    entry === open ? { ...entry, collapsed: false } : { text: entry.text, link: entry.link },
  );
  return [...guide, { text: 'API', items }];
}

export default defineConfig({
  title: 'byova',
  description: 'Voice agents on Webex Contact Center',
  cleanUrls: true,
  // One file with the data of the site, which each page would hold a copy of.
  metaChunk: true,
  srcExclude: ['.examples/**'],
  // The one large chunk is the index of the search over the API reference. It loads when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/quick-start' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: { '/': sidebar(), ...Object.fromEntries(api.map((entry) => [entry.link, sidebar(entry)])) },
    search: { provider: 'local' },
  },
});
