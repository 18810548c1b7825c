// The two forms of requests about data sources that documents of Webex tell of.

/** Which form of requests is taken. */
export type DataSourceDialect = 'current' | 'legacy' | 'either';
